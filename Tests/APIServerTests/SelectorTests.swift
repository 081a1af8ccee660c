import JSONTree
import KubernetesAPI
import Testing

@Suite struct SelectorTests {
  @Test(arguments: [
    ("app%3Da", ["a1", "a2"]), ("app%3D%3Da%2Ctier%3Dx", ["a1"]), ("app%21%3Da", ["b1", "none"]),
    ("app+in+%28a%2Cb%29", ["a1", "a2", "b1"]), ("app%20notin%20(a)", ["b1", "none"]), ("tier", ["a1", "b1"]),
    ("%21app", ["none"]), ("app%3Da%2C%21tier", ["a2"]),
  ])
  func labelsSelect(selector: String, names: [String]) async throws {
    let space = try await TestServer.shared.namespace()
    let all: [(String, JSON?)] = [
      ("a1", ["app": "a", "tier": "x"]), ("a2", ["app": "a"]), ("b1", ["app": "b", "tier": "y"]), ("none", nil),
    ]
    for (name, labels) in all {
      _ = try await space.create(.configMaps, TestObjects.configMap(name, labels: labels)).object(201)
    }
    #expect(try await space.names(.configMaps, query: "?labelSelector=\(selector)") == names)
  }

  @Test func aMalformedLabelSelectorIsRefused() async throws {
    let status = try await TestServer.shared.get("/api/v1/pods?labelSelector=app%3D%3D%3Da").object(400)
    #expect(status["reason"] == "BadRequest")
    #expect(status["message"]?.string?.hasPrefix("unable to parse requirement: ") == true)
  }

  @Test(arguments: [
    ("metadata.name%3Db", ["b"]), ("metadata.name%21%3Db", ["a", "c"]), ("spec.nodeName%3Dnode-1", ["a"]),
    ("spec.nodeName%3D", ["b", "c"]), ("status.phase%3DPending", ["a", "b", "c"]), ("status.phase%3DRunning", []),
    ("spec.nodeName%21%3Dnode-1%2Cmetadata.name%21%3Dc", ["b"]), ("spec.restartPolicy%3DAlways", ["a", "b", "c"]),
    ("spec.serviceAccountName%3Ddefault", ["a", "b", "c"]),
  ])
  func fieldsSelectPods(selector: String, names: [String]) async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.pods, TestObjects.pod("a", node: "node-1")).object(201)
    for name in ["b", "c"] { _ = try await space.create(.pods, TestObjects.pod(name)).object(201) }
    #expect(try await space.names(.pods, query: "?fieldSelector=\(selector)") == names)
  }

  @Test func fieldsOfOtherKindsSelect() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.secrets, TestObjects.secret("opaque")).object(201)
    var login = TestObjects.secret("login", text: ["username": "a"])
    login["type"] = "kubernetes.io/basic-auth"
    _ = try await space.create(.secrets, login).object(201)
    #expect(try await space.names(.secrets, query: "?fieldSelector=type%3DOpaque") == ["opaque"])
    _ = try await space.create(.services, TestObjects.service("headless", spec: ["clusterIP": "None"])).object(201)
    _ = try await space.create(.services, TestObjects.service("plain")).object(201)
    #expect(try await space.names(.services, query: "?fieldSelector=spec.clusterIP%3DNone") == ["headless"])
    let namespaces = try await space.server.get("/api/v1/namespaces?fieldSelector=status.phase%21%3DActive").object()
    #expect(namespaces["items"]?.items.contains { $0.name == space.name } == false)
  }

  @Test(arguments: [
    ("pods", "field label not supported: spec.image"), ("services", "field label not supported: spec.image"),
    ("namespaces", "field label not supported: spec.image"), ("nodes", "field label not supported: spec.image"),
    (
      "configmaps",
      "\"spec.image\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
    ),
  ])
  func anUnknownFieldIsRefused(resource: String, message: String) async throws {
    try await TestServer.shared.get("/api/v1/\(resource)?fieldSelector=spec.image%3Da")
      .refused(400, "BadRequest", message)
  }

  @Test func aMalformedFieldSelectorIsRefused() async throws {
    try await TestServer.shared.get("/api/v1/pods?fieldSelector=nonsense").refused(
      400, "BadRequest", "invalid selector: 'nonsense'; can't understand 'nonsense'")
  }
}
