import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

@testable import APIServer

@Suite struct ComponentStatusTests {
  private static let warning = "299 - \"v1 ComponentStatus is deprecated in v1.19+\""

  private func server() async throws -> TestServer {
    try await TestServer { configuration in
      configuration.components = [
        ControlPlaneComponent("scheduler") { nil }, ControlPlaneComponent("controller-manager") { "it has stopped" },
      ]
    }
  }

  @Test func whatStandsBehindTheServerIsTold() async throws {
    let server = try await server()
    let answer = try await server.get("/api/v1/componentstatuses")
    #expect(answer.warnings == [Self.warning])
    let list = try answer.object()
    #expect(list.kind == "ComponentStatusList" && list.apiVersion == "v1")
    let items = list["items"]?.items ?? []
    #expect(items.map(\.name) == ["controller-manager", "etcd-0", "scheduler"])
    #expect(items.map { $0["conditions"]?.items.first?["status"] } == ["False", "True", "True"])
    #expect(items[0]["conditions"] == [["type": "Healthy", "status": "False", "error": "it has stopped"]])
    #expect(items[1]["conditions"] == [["type": "Healthy", "status": "True", "message": "ok"]])
    let one = try await server.get("/api/v1/componentstatuses/scheduler")
    #expect(one.warnings == [Self.warning])
    #expect(try one.object().name == "scheduler")
    let chosen = try await server.get("/api/v1/componentstatuses?fieldSelector=metadata.name%3Detcd-0").object()
    #expect(chosen["items"]?.items.map(\.name) == ["etcd-0"])
    let missing = try await server.get("/api/v1/componentstatuses/nobody")
    #expect(missing.code == 500 && missing.text.contains("Component not found: nobody"))
  }

  @Test func kubectlGetsATable() async throws {
    let table = try await server().get(
      "/api/v1/componentstatuses", accept: "application/json;as=Table;v=v1;g=meta.k8s.io"
    ).object()
    #expect(table["columnDefinitions"]?.items.map { $0["name"] } == ["Name", "Status", "Message", "Error"])
    #expect(
      table["rows"]?.items.map { $0["cells"] } == [
        ["controller-manager", "Unhealthy", "", "it has stopped"], ["etcd-0", "Healthy", "ok", ""],
        ["scheduler", "Healthy", "ok", ""],
      ])
  }

  @Test func itIsReadOnly() async throws {
    let server = try await server()
    let path = "/api/v1/componentstatuses"
    #expect(try await server.post(path, ["metadata": ["name": "a"]]).code == 405)
    #expect(try await server.delete("\(path)/scheduler").code == 405)
    #expect(try await server.put("\(path)/scheduler", ["metadata": ["name": "scheduler"]]).code == 405)
    #expect(try await server.get("\(path)?watch=true").code == 405)
    let found = try await server.get("/api/v1").object()["resources"]?.items.first { $0["kind"] == "ComponentStatus" }
    #expect(found?["verbs"] == ["get", "list"] && found?["shortNames"] == ["cs"] && found?["namespaced"] == false)
    let paths = try await server.get("/openapi/v3/api/v1").object()["paths"]?.object
    #expect(paths?["/api/v1/componentstatuses/{name}"]?.object?.keys == ["get", "parameters"])
    #expect(paths?["/api/v1/componentstatuses"]?.object?.keys == ["get", "parameters"])
  }
}
