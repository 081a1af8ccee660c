import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

@Suite struct DeleteTests {
  @Test func aDeleteAnswersWithStatusOrObjectAsUpstream() async throws {
    let space = try await TestServer.shared.namespace()
    let made = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    let status = try await space.server.delete(space.path(.configMaps, "a")).object()
    #expect(
      status == [
        "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
        "details": ["name": "a", "kind": "configmaps", "uid": .string(made.uid)],
      ])
    _ = try await space.create(.services, TestObjects.service("web")).object(201)
    #expect(try await space.server.delete(space.path(.services, "web")).object().kind == "Service")
    try await space.server.delete(space.path(.services, "web"))
      .refused(404, "NotFound", "services \"web\" not found")
  }

  @Test func systemPriorityClassesStay() async throws {
    let server = try await TestServer.shared
    let path = "/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical"
    try await server.delete(path).refused(
      403, "Forbidden",
      #"priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system priority class and "#
        + "cannot be deleted")
    #expect(try await server.get(path).code == 200)
  }

  @Test func preconditionsHoldADelete() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.configMaps, "a")
    let made = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    try await space.server.delete(path, ["preconditions": ["uid": "other"]]).refused(
      409, "Conflict",
      "Operation cannot be fulfilled on configmaps \"a\": Precondition failed: UID in precondition: other, UID in "
        + "object meta: \(made.uid)")
    try await space.server.delete(path, ["preconditions": ["resourceVersion": "1"]]).refused(
      409, "Conflict",
      "Operation cannot be fulfilled on configmaps \"a\": Precondition failed: ResourceVersion in precondition: 1, "
        + "ResourceVersion in object meta: \(made.resourceVersion)")
    let right: JSON = [
      "preconditions": ["uid": .string(made.uid), "resourceVersion": .string(made.resourceVersion)]
    ]
    _ = try await space.server.delete(path, right).object()
  }

  @Test func aFinalizerHoldsAnObjectUntilItIsTakenAway() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.configMaps, "a")
    var object = TestObjects.configMap("a")
    object[path: "metadata", "finalizers"] = ["example.com/keep"]
    _ = try await space.create(.configMaps, object).object(201)
    let held = try await space.server.delete(path).object()
    #expect(held.kind == "ConfigMap" && held.isTerminating)
    #expect(held.metadata["deletionGracePeriodSeconds"] == 0)
    let again = try await space.server.delete(path).object()
    #expect(again.deletionTimestamp == held.deletionTimestamp && again.resourceVersion == held.resourceVersion)
    try await space.server.patch(path, ["metadata": ["finalizers": ["example.com/keep", "example.com/more"]]]).refused(
      422, "Invalid",
      "ConfigMap \"a\" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is "
        + "being deleted, found new finalizers []string{\"example.com/more\"}")
    #expect(try await space.server.patch(path, ["metadata": ["deletionTimestamp": .null]]).object().isTerminating)
    let last = try await space.server.patch(path, ["metadata": ["finalizers": .null]]).object()
    #expect(last.finalizers.isEmpty)
    #expect(try await space.server.get(path).code == 404)
  }

  @Test func aFinalizersNameIsQualified() async throws {
    let space = try await TestServer.shared.namespace()
    var object = TestObjects.configMap("a")
    object[path: "metadata", "finalizers"] = ["keep"]
    try await space.create(.configMaps, object).refused(
      422, "Invalid",
      "ConfigMap \"a\" is invalid: metadata.finalizers[0]: Invalid value: \"keep\": name is neither a standard "
        + "finalizer name nor is it fully qualified")
  }

  @Test(arguments: [
    ("Foreground", ["foregroundDeletion"], 202), ("Orphan", ["orphan"], 200), ("Background", [String](), 200),
  ])
  func thePropagationPolicyBecomesAFinalizer(policy: String, finalizers: [String], code: Int) async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.deployments, "web")
    _ = try await space.create(.deployments, TestObjects.deployment("web")).object(201)
    let answer = try await space.server.delete(
      path, ["kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": .string(policy)])
    #expect(answer.code == code)
    if finalizers.isEmpty {
      #expect(try await space.server.get(path).code == 404)
    } else {
      let held = try await space.server.get(path).object()
      #expect(held.finalizers == finalizers && held.isTerminating)
    }
  }

  @Test func anUnknownPolicyIsRefused() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    let answer = try await space.server.delete(space.path(.configMaps, "a"), ["propagationPolicy": "Slowly"])
    let status = try answer.object(422)
    #expect(status["reason"] == "Invalid")
    #expect(status["message"]?.string?.contains("propagationPolicy: Unsupported value: \"Slowly\"") == true)
    let other = try await space.server.delete(space.path(.configMaps, "a"), TestObjects.pod("a"))
    #expect(try other.object(400)["reason"] == "BadRequest")
  }

  @Test func aBoundPodStaysForItsGracePeriod() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.pods, "web")
    _ = try await space.create(.pods, TestObjects.pod("web", node: "node-1")).object(201)
    let before = Timestamp.now.seconds
    let held = try await space.server.delete(path).object()
    #expect(held.metadata["deletionGracePeriodSeconds"] == 30)
    let deadline = try #require(held.deletionTimestamp.flatMap { Timestamp($0) })
    #expect((before + 30...Timestamp.now.seconds + 30).contains(deadline.seconds))
    // A second delete shortens the period and never lengthens it.
    let longer = try await space.server.delete(path, ["gracePeriodSeconds": 90]).object()
    #expect(longer.metadata["deletionGracePeriodSeconds"] == 30)
    let shorter = try await space.server.delete(path, ["gracePeriodSeconds": 5]).object()
    #expect(shorter.metadata["deletionGracePeriodSeconds"] == 5)
    #expect(try #require(shorter.deletionTimestamp.flatMap { Timestamp($0) }).seconds < deadline.seconds)
    // The node's agent says that nothing of it is left.
    _ = try await space.server.delete("\(path)?gracePeriodSeconds=0").object()
    #expect(try await space.server.get(path).code == 404)
  }

  @Test func aPodNoNodeHasGoesAtOnce() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.pods, TestObjects.pod("web")).object(201)
    #expect(try await space.server.delete(space.path(.pods, "web")).object().kind == "Pod")
    #expect(try await space.get(.pods, "web").code == 404)
  }

  @Test func aCollectionIsDeletedBySelector() async throws {
    let space = try await TestServer.shared.namespace()
    for (name, app) in [("a", "x"), ("b", "x"), ("c", "y")] {
      _ = try await space.create(.configMaps, TestObjects.configMap(name, labels: ["app": .string(app)])).object(201)
    }
    let gone = try await space.server.delete(space.path(.configMaps) + "?labelSelector=app%3Dx").object()
    #expect(gone.kind == "ConfigMapList" && gone["items"]?.items.map(\.name) == ["a", "b"])
    #expect(try await space.names(.configMaps) == ["c"])
  }

  @Test func aCollectionIsDeletedPageByPage() async throws {
    let space = try await TestServer.shared.namespace()
    for name in ["a", "b", "c"] { _ = try await space.create(.configMaps, TestObjects.configMap(name)).object(201) }
    let first = try await space.server.delete(space.path(.configMaps) + "?limit=2").object()
    #expect(first["items"]?.items.map(\.name) == ["a", "b"])
    let token = try #require(first["metadata"]?["continue"]?.string)
    let rest = try await space.server.delete(space.path(.configMaps) + "?limit=2&continue=\(token)").object()
    #expect(rest["items"]?.items.map(\.name) == ["c"] && rest["metadata"]?["continue"] == nil)
    #expect(try await space.names(.configMaps) == [])
  }

  @Test func optionsAreReadByTheirSchema() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.configMaps, "a")
    _ = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    try await space.server.delete(path, ["gracePeriodSeconds": "soon"]).refused(
      400, "BadRequest", "json: cannot unmarshal string into Go struct field gracePeriodSeconds of type int64")
    try await space.server.delete(path, ["orphanDependents": true, "propagationPolicy": "Orphan"]).refused(
      422, "Invalid",
      "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Invalid value: \"Orphan\": orphanDependents and "
        + "deletionPropagation cannot be both set")
    try await space.server.delete("\(path)?gracePeriodSeconds=x").refused(
      400, "BadRequest", "strconv.ParseInt: parsing \"x\": invalid syntax")
    // A body has the word over the query.
    _ = try await space.server.delete("\(path)?propagationPolicy=Orphan", ["kind": "DeleteOptions"]).object()
    #expect(try await space.get(.configMaps, "a").code == 404)
  }

  @Test func protobufOptionsAreRead() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.deployments, "web")
    _ = try await space.create(.deployments, TestObjects.deployment("web")).object(201)
    // runtime.Unknown of apps/v1 DeleteOptions with propagationPolicy 4 = "Orphan".
    let options: [UInt8] = [0x22, 6] + Array("Orphan".utf8)
    let type: [UInt8] = [0x0a, 7] + Array("apps/v1".utf8) + [0x12, 13] + Array("DeleteOptions".utf8)
    let body: [UInt8] =
      [0x6b, 0x38, 0x73, 0] + [0x0a, UInt8(type.count)] + type + [0x12, UInt8(options.count)] + options
    _ = try await space.server.send(
      .delete, path, body: body, headers: [.contentType: "application/vnd.kubernetes.protobuf"]
    ).object()
    #expect(try await space.get(.deployments, "web").object().finalizers == ["orphan"])
  }
}
