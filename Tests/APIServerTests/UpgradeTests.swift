import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

@testable import APIServer

/// Where requests for streams are passed on to, and who may make them.
@Suite struct UpgradeTests {
  /// A namespace with a pod on a node that reports an address.
  private static func space() async throws -> TestNamespace {
    let space = try await TestServer.shared.namespace()
    let node = space.name
    _ = try await space.server.post(
      "/api/v1/nodes", ["apiVersion": "v1", "kind": "Node", "metadata": ["name": .string(node)]]
    ).object(201)
    _ = try await space.server.patch(
      "/api/v1/nodes/\(node)/status",
      [
        "status": [
          "addresses": [["type": "InternalIP", "address": "192.0.2.9"]],
          "daemonEndpoints": ["kubeletEndpoint": ["Port": 10251]],
        ]
      ]
    ).object()
    var pod = TestObjects.pod("web")
    pod[path: "spec", "nodeName"] = .string(node)
    _ = try await space.create(.pods, pod).object(201)
    return space
  }

  private func target(
    _ space: TestNamespace, _ method: HTTPRequest.Method, _ rest: String, as user: User = TestServer.administrator
  ) throws -> UpgradeTarget {
    try space.server.server.handler.upgradeTarget(
      of: APIServerRequest(method: method, target: "\(space.path(.pods, "web"))/\(rest)", user: user))
  }

  @Test func theAgentIsAskedInItsOwnWords() async throws {
    let space = try await Self.space()
    let pod = "\(space.name)/web"
    func text(_ rest: String) throws -> String { try target(space, .get, rest).target }
    #expect(
      try text("exec?command=ls&command=-l&stdin=true&stdout=1&tty=False&container=web")
        == "/exec/\(pod)/web?command=ls&command=-l&input=1&output=1")
    #expect(try text("attach?stdout=true&stderr=true") == "/attach/\(pod)/web?output=1&error=1")
    #expect(try text("portforward?ports=80&ports=81") == "/portForward/\(pod)?port=80,81")
    #expect(try text("portforward") == "/portForward/\(pod)")
    let backend = try target(space, .post, "portforward").backend
    #expect(backend.port == 10251 && backend.security == .agent && "\(backend.address)" == "192.0.2.9")
  }

  @Test func aWebSocketIsNoWayPastTheRoles() async throws {
    let space = try await Self.space()
    let reader = User(name: "reader-\(space.name)", groups: ["system:authenticated"])
    let path = space.path(.roles)
    func grant(_ verbs: JSON) async throws {
      _ = try await space.server.send(.delete, "\(path)/streams")
      _ = try await space.server.post(
        path,
        [
          "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": ["name": "streams"],
          "rules": [["apiGroups": [""], "resources": ["pods/exec", "pods/portforward"], "verbs": verbs]],
        ]
      ).object(201)
    }
    try await grant(["get"])
    _ = try await space.server.post(
      space.path(.roleBindings),
      [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": ["name": "streams"],
        "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "streams"],
        "subjects": [["apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": .string(reader.name)]],
      ]
    ).object(201)
    for rest in ["exec?command=x&stdout=1", "portforward"] {
      let refusal = #expect(throws: APIStatus.self) { _ = try target(space, .get, rest, as: reader) }
      #expect(refusal?.code == 403 && refusal?.message.contains("cannot create resource \"pods/") == true)
    }
    try await grant(["get", "create"])
    for rest in ["exec?command=x&stdout=1", "portforward"] {
      _ = try target(space, .get, rest, as: reader)
      _ = try target(space, .post, rest, as: reader)
    }
    #expect(throws: APIStatus.self) { _ = try target(space, .get, "attach?stdout=1", as: reader) }
  }

  @Test(arguments: [
    ("tailLines=-1", "tailLines: Invalid value: -1: must be greater than or equal to 0"),
    ("limitBytes=0", "limitBytes: Invalid value: 0: must be greater than 0"),
    ("sinceSeconds=0", "sinceSeconds: Invalid value: 0: must be greater than 0"),
    ("stream=Both", #"stream: Unsupported value: "Both": supported values: "All", "Stderr", "Stdout""#),
  ])
  func whatIsAskedOfALogIsJudgedFirst(_ query: String, _ fault: String) async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.pods, TestObjects.pod("web")).object(201)
    let path = space.path(.pods, "web", "log")
    try await space.server.get("\(path)?\(query)").refused(
      422, "Invalid", "PodLogOptions \"web\" is invalid: \(fault)")
    let both = try await space.server.get("\(path)?sinceSeconds=1&sinceTime=2024-01-01T00:00:00Z")
    #expect(both.code == 422 && both.text.contains("at most one of `sinceTime` or `sinceSeconds`"))
  }

  @Test func whatHasNoStreamsIsNotUpgraded() async throws {
    let space = try await Self.space()
    for rest in ["log", "status", "nothing", ""] {
      #expect(throws: APIStatus.self) { _ = try target(space, .get, rest) }
    }
    let refusal = #expect(throws: APIStatus.self) { _ = try target(space, .get, "exec?container=nobody&command=x") }
    #expect(refusal?.message == "container nobody is not valid for pod web")
  }
}
