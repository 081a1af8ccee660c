import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

@Suite struct TableTests {
  private static let accept =
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"

  private func table(_ space: TestNamespace, _ target: String) async throws -> JSON {
    let table = try await space.server.get(target, accept: Self.accept).object()
    #expect(table.kind == "Table" && table.apiVersion == "meta.k8s.io/v1")
    return table
  }

  /// The titles kubectl prints without `-o wide`.
  private func titles(_ table: JSON) -> [String] {
    (table["columnDefinitions"]?.items ?? []).filter { $0["priority"] == 0 }.map { $0["name"]?.string ?? "" }
  }

  private func cells(_ table: JSON) -> [[JSON]] { (table["rows"]?.items ?? []).map { $0["cells"]?.items ?? [] } }

  @Test func podsShowReadinessStatusAndRestarts() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.pods, TestObjects.pod("web")).object(201)
    let pods = try await table(space, space.path(.pods))
    #expect(titles(pods) == ["Name", "Ready", "Status", "Restarts", "Age"])
    #expect(cells(pods).first?.prefix(4) == ["web", "0/1", "Pending", "0"])
    #expect(pods["rows"]?.items.first?["object"]?.kind == "PartialObjectMetadata")
  }

  @Test(arguments: [
    "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "/apis/authentication.k8s.io/v1/selfsubjectreviews",
  ])
  func reviewsAreNoTables(path: String) async throws {
    let server = try await TestServer.shared
    let table = "application/json;as=Table;v=v1;g=meta.k8s.io"
    let review: JSON = ["spec": ["resourceAttributes": ["verb": "get", "resource": "pods"]]]
    func post(_ accept: String) async throws -> Answer {
      try await server.send(
        .post, path, body: review.encoded(), headers: [.accept: accept, .contentType: "application/json"])
    }
    #expect(try await post(table).object(406)["reason"] == "NotAcceptable")
    #expect(try await post("\(table),application/json").object(201).kind.hasSuffix("Review"))
  }

  @Test func listsByWatchingAreNoTables() async throws {
    let space = try await TestServer.shared.namespace()
    let table = "application/json;as=Table;v=v1;g=meta.k8s.io"
    _ = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    let path = space.path(.configMaps) + "?watch=1&resourceVersion=0"
    let initial = "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    #expect(try await space.server.get(path + initial, accept: table).code == 406)
    let objects = try await space.server.watch(path + initial, accept: "\(table),application/json")
    #expect(try await objects.next()?.object.kind == "ConfigMap")
    let tables = try await space.server.watch(path, accept: table)
    #expect(try await tables.next()?.object.kind == "Table")
  }

  @Test func servicesShowTypeAddressAndPorts() async throws {
    let space = try await TestServer.shared.namespace()
    let made = try await space.create(.services, TestObjects.service("web")).object(201)
    let services = try await table(space, space.path(.services))
    #expect(titles(services) == ["Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age"])
    let address = try #require(made.spec["clusterIP"])
    #expect(cells(services).first?.prefix(5) == ["web", "ClusterIP", address, "<none>", "80/TCP"])
  }

  @Test func deploymentsShowTheirReplicas() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.deployments, TestObjects.deployment("web", replicas: 3)).object(201)
    _ = try await space.server.patch(
      space.path(.deployments, "web", "status"),
      ["status": ["replicas": 3, "readyReplicas": 2, "updatedReplicas": 3, "availableReplicas": 1]]
    ).object()
    let deployments = try await table(space, space.path(.deployments))
    #expect(titles(deployments) == ["Name", "Ready", "Up-to-date", "Available", "Age"])
    #expect(cells(deployments).first?.prefix(4) == ["web", "2/3", 3, 1])
  }

  @Test func nodesShowStatusRolesAndVersion() async throws {
    let server = try await TestServer()
    let space = TestNamespace(server: server, name: "default")
    var node = TestObjects.node("node-1")
    node["status"] = [
      "conditions": [["type": "Ready", "status": "True"]], "nodeInfo": ["kubeletVersion": "v1.36.2"],
    ]
    _ = try await server.post("/api/v1/nodes", node).object(201)
    let nodes = try await table(space, "/api/v1/nodes")
    #expect(titles(nodes) == ["Name", "Status", "Roles", "Age", "Version"])
    let row = try #require(cells(nodes).first)
    #expect(row[0] == "node-1" && row[1] == "Ready" && row[2] == "<none>" && row[4] == "v1.36.2")
  }

  @Test func oneObjectIsATableToo() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.configMaps, TestObjects.configMap("a", data: ["x": "1", "y": "2"])).object(201)
    let one = try await table(space, space.path(.configMaps, "a"))
    #expect(cells(one).map { $0.prefix(2) } == [["a", 2]])
  }

  @Test func theClientChoosesWhatARowCarries() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    let full = try await table(space, space.path(.configMaps) + "?includeObject=Object")
    #expect(full["rows"]?.items.first?["object"]?.kind == "ConfigMap")
    let bare = try await table(space, space.path(.configMaps) + "?includeObject=None")
    #expect(bare["rows"]?.items.first?["object"] == nil)
  }

  @Test func aTableHasPages() async throws {
    let space = try await TestServer.shared.namespace()
    for name in ["a", "b"] { _ = try await space.create(.configMaps, TestObjects.configMap(name)).object(201) }
    let page = try await table(space, space.path(.configMaps) + "?limit=1")
    #expect(cells(page).count == 1 && page.metadata["continue"] != nil && !page.resourceVersion.isEmpty)
  }
}
