import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

@Suite struct DocumentTests {
  @Test func discoveryNamesEveryServedKind() async throws {
    let server = try await TestServer.shared
    #expect(try await server.get("/api").object()["versions"] == ["v1"])
    let groups = try await server.get("/apis").object()
    #expect(groups.kind == "APIGroupList")
    let names = Set(groups["groups"]?.items.compactMap { $0["name"]?.string } ?? [])
    #expect(names.isSuperset(of: ["apps", "discovery.k8s.io", "coordination.k8s.io", "events.k8s.io"]))
    for kind in ResourceKind.served {
      let list = try await server.get(kind.groupVersion.path).object()
      #expect(list.kind == "APIResourceList" && list["groupVersion"]?.string == kind.apiVersion)
      let resource = try #require(list["resources"]?.items.first { $0["name"]?.string == kind.plural })
      #expect(resource.kind == kind.kind && resource["namespaced"]?.bool == kind.isNamespaced)
      #expect(resource["singularName"]?.string == kind.singular)
      let verbs = Set(resource["verbs"]?.items.compactMap(\.string) ?? [])
      var expected: Set = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
      // As upstream: all namespaces at once are more than anybody means.
      if kind == .namespaces { expected.remove("deletecollection") }
      #expect(verbs == expected)
    }
  }

  @Test func subresourcesAreListed() async throws {
    let list = try await TestServer.shared.get("/api/v1").object()
    let names = Set(list["resources"]?.items.compactMap { $0["name"]?.string } ?? [])
    #expect(names.isSuperset(of: ["pods/status", "pods/log", "pods/exec", "pods/binding", "namespaces/finalize"]))
    let apps = try await TestServer.shared.get("/apis/apps/v1").object()
    let scale = try #require(apps["resources"]?.items.first { $0["name"] == "deployments/scale" })
    #expect(scale.kind == "Scale" && scale["group"] == "autoscaling" && scale["version"] == "v1")
  }

  @Test func aggregatedDiscoveryIsGivenToWhomItIsAsked() async throws {
    let server = try await TestServer.shared
    let accept =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
      + "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
    for (path, groups) in [("/api", [nil]), ("/apis", ["apps", "coordination.k8s.io", "discovery.k8s.io"])] {
      let answer = try await server.get(path, accept: accept)
      #expect(answer.headers[.contentType]?.contains("as=APIGroupDiscoveryList") == true)
      let list = try answer.object()
      #expect(list.kind == "APIGroupDiscoveryList" && list.apiVersion == "apidiscovery.k8s.io/v2")
      let names = list["items"]?.items.map { $0.metadata["name"]?.string } ?? []
      #expect(groups.allSatisfy(names.contains))
    }
    #expect(try await server.get("/apis", accept: "application/json").object().kind == "APIGroupList")
  }

  @Test func anUnknownGroupIsNotFound() async throws {
    let server = try await TestServer.shared
    #expect(try await server.get("/apis/nothing.example/v1").code == 404)
    try await server.get("/apis/nothing.example/v1/things")
      .refused(404, "NotFound", "the server could not find the requested resource")
    try await server.get("/api/v1/things")
      .refused(404, "NotFound", "the server could not find the requested resource")
    try await server.get("/api/v1/namespaces/default/nodes")
      .refused(404, "NotFound", "the server could not find the requested resource")
    let page = try await server.get("/nothing")
    #expect(page.code == 404 && page.text == "404 page not found\n")
  }

  @Test func openAPIDocumentsAreFoundByTheirHash() async throws {
    let server = try await TestServer.shared
    let index = try await server.get("/openapi/v3").object()
    let target = try #require(index[path: "paths", "apis/apps/v1", "serverRelativeURL"]?.string)
    let answer = try await server.get(target)
    #expect(answer.headers[.cacheControl] == "public, immutable" && answer.headers[.eTag] != nil)
    let document = try answer.object()
    #expect(document["openapi"]?.string?.hasPrefix("3.0") == true)
    #expect(document[path: "components", "schemas", "io.k8s.api.apps.v1.Deployment"] != nil)
    let stale = try await server.get("/openapi/v3/apis/apps/v1?hash=STALE")
    #expect(stale.code == 301 && stale.headers[.location] == target)
    #expect(try await server.get("/openapi/v3/apis/nothing/v1").code == 404)
  }

  @Test func onlyReadsAreAllowed() async throws {
    let server = try await TestServer.shared
    for path in ["/api", "/apis/apps/v1", "/version", "/healthz"] {
      #expect(try await server.post(path, [:]).code == 405, "\(path)")
    }
    try await server.post("/api/v1/namespaces/default/configmaps/a", TestObjects.configMap("a")).refused(
      405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
    #expect(try await server.delete("/api/v1/namespaces").code == 405)
    try await server.put("/api/v1/namespaces/default/configmaps", TestObjects.configMap("a")).refused(
      405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
  }
}
