import JSONTree
import KubernetesAPI
import Testing

@Suite struct UpdateTests {
  @Test func anUpdateReplacesTheObject() async throws {
    let space = try await TestServer.shared.namespace()
    let made = try await space.create(.configMaps, TestObjects.configMap("a", data: ["x": "1"])).object(201)
    let changed = try await space.server.put(
      space.path(.configMaps, "a"), TestObjects.configMap("a", data: ["y": "2"])
    ).object()
    #expect(changed["data"] == ["y": "2"])
    #expect(changed.uid == made.uid && changed.creationTimestamp == made.creationTimestamp)
    #expect(try #require(Int64(changed.resourceVersion)) > #require(Int64(made.resourceVersion)))
    #expect(try await space.get(.configMaps, "a").object() == changed)
  }

  /// Whoever replaces the tolerations of a pod need not name those that every pod gets.
  @Test func thePodsDefaultTolerationsStay() async throws {
    let space = try await TestServer.shared.namespace()
    var pod = try await space.create(.pods, TestObjects.pod("web")).object(201)
    let defaults = pod.spec["tolerations"]?.items ?? []
    #expect(defaults.count == 2)
    let own: JSON = ["key": "k", "operator": "Equal", "value": "v", "effect": "NoSchedule"]
    pod[path: "spec", "tolerations"] = [own]
    let changed = try await space.server.put(space.path(.pods, "web"), pod).object()
    #expect(changed.spec["tolerations"]?.items == [own] + defaults)
    #expect(changed.generation == 2)
    #expect(try await space.server.put(space.path(.pods, "web"), changed).object().generation == 2)
  }

  @Test func aNegativeGracePeriodBecomesTheLeastThereIs() async throws {
    let space = try await TestServer.shared.namespace()
    var pod = TestObjects.pod("web")
    pod[path: "spec", "terminationGracePeriodSeconds"] = -1
    var made = try await space.create(.pods, pod).object(201)
    #expect(made.spec["terminationGracePeriodSeconds"] == 1)
    made[path: "spec", "terminationGracePeriodSeconds"] = -7
    let changed = try await space.server.put(space.path(.pods, "web"), made).object()
    #expect(changed.spec["terminationGracePeriodSeconds"] == 1)
  }

  @Test func anUpdateOfWhatIsThereChangesNoRevision() async throws {
    let space = try await TestServer.shared.namespace()
    let made = try await space.create(.services, TestObjects.service("web")).object(201)
    #expect(try await space.server.put(space.path(.services, "web"), made).object() == made)
    #expect(
      try await space.server.patch(space.path(.services, "web"), ["spec": ["selector": ["app": "web"]]]).object()
        == made)
  }

  @Test func aMissingObjectIsNotMadeByAnUpdate() async throws {
    let space = try await TestServer.shared.namespace()
    try await space.server.put(space.path(.configMaps, "a"), TestObjects.configMap("a"))
      .refused(404, "NotFound", "configmaps \"a\" not found")
    try await space.server.patch(space.path(.configMaps, "a"), [:])
      .refused(404, "NotFound", "configmaps \"a\" not found")
  }

  @Test(arguments: [false, true]) func anOldRevisionConflicts(byPatch: Bool) async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.deployments, "web")
    let old = try await space.create(.deployments, TestObjects.deployment("web")).object(201)
    _ = try await space.server.patch(path, ["spec": ["replicas": 5]]).object()
    let answer =
      byPatch
      ? try await space.server.patch(path, ["metadata": ["resourceVersion": .string(old.resourceVersion)]])
      : try await space.server.put(path, old)
    let status = try answer.refused(
      409, "Conflict",
      "Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified; please apply your "
        + "changes to the latest version and try again")
    #expect(status["details"] == ["name": "web", "group": "apps", "kind": "deployments"])
    #expect(try await space.get(.deployments, "web").object().spec["replicas"] == 5)
  }

  @Test func writersThatInsistOnTheirRevisionLoseNothing() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.configMaps, "counter")
    _ = try await space.create(.configMaps, TestObjects.configMap("counter", data: ["n": "0"])).object(201)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          var done = 0
          while done < 5 {
            var object = try await space.server.get(path).object()
            let count = try #require(object["data"]?["n"]?.string.flatMap { Int($0) })
            object["data"] = ["n": .string(String(count + 1))]
            let answer = try await space.server.put(path, object)
            if answer.code == 200 { done += 1 } else { #expect(answer.code == 409) }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await space.server.get(path).object()["data"] == ["n": "20"])
  }

  @Test func patchesOfManyMeetInOneObject() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.configMaps, "a")
    _ = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<10 {
        group.addTask { _ = try await space.server.patch(path, ["data": ["k\(index)": "v"]]).object() }
      }
      try await group.waitForAll()
    }
    #expect(try await space.server.get(path).object()["data"]?.object?.count == 10)
  }

  @Test func aLeaseIsUpdatedUnderItsRevisionOnly() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.leases, TestObjects.lease("a")).object(201)
    try await space.server.put(space.path(.leases, "a"), TestObjects.lease("a")).refused(
      422, "Invalid",
      "Lease.coordination.k8s.io \"a\" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for "
        + "an update")
  }

  @Test func theUIDIsAPrecondition() async throws {
    let space = try await TestServer.shared.namespace()
    var object = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    let uid = object.uid
    object[path: "metadata", "uid"] = "other"
    try await space.server.put(space.path(.configMaps, "a"), object).refused(
      409, "Conflict",
      "Operation cannot be fulfilled on configmaps \"a\": Precondition failed: UID in precondition: other, UID in "
        + "object meta: \(uid)")
  }

  @Test func theNameMustBeThePaths() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.configMaps, "a")
    _ = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    let message = "the name of the object (b) does not match the name on the URL (a)"
    try await space.server.put(path, TestObjects.configMap("b")).refused(400, "BadRequest", message)
    try await space.server.patch(path, ["metadata": ["name": "b"]]).refused(400, "BadRequest", message)
    try await space.server.put(path, ["data": [:]]).refused(
      400, "BadRequest", "the name of the object (a based on URL) was undeterminable: name must be provided")
  }

  @Test func generationCountsChangesOfTheSpec() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.deployments, "web")
    #expect(try await space.create(.deployments, TestObjects.deployment("web")).object(201).generation == 1)
    #expect(try await space.server.patch(path, ["metadata": ["labels": ["a": "b"]]]).object().generation == 1)
    #expect(try await space.server.patch(path, ["spec": ["replicas": 3]]).object().generation == 2)
    #expect(try await space.server.patch("\(path)/status", ["status": ["replicas": 3]]).object().generation == 2)
    #expect(try await space.server.patch(path, ["metadata": ["generation": 9]]).object().generation == 2)
  }
}
