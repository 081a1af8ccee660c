import JSONTree
import KubernetesAPI
import Testing

@Suite struct SubresourceTests {
  @Test func aStatusUpdateChangesTheStatusAlone() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.deployments, "web")
    var object = try await space.create(.deployments, TestObjects.deployment("web")).object(201)
    object[path: "spec", "replicas"] = 9
    object["status"] = ["replicas": 2, "readyReplicas": 1]
    let changed = try await space.server.put("\(path)/status", object).object()
    #expect(changed.spec["replicas"] == 2 && changed.generation == 1)
    #expect(changed.status == ["replicas": 2, "readyReplicas": 1])
    let patched = try await space.server.patch(
      "\(path)/status", ["spec": ["replicas": 9], "status": ["readyReplicas": 2]]
    ).object()
    #expect(patched.spec["replicas"] == 2 && patched.status == ["replicas": 2, "readyReplicas": 2])
    #expect(try await space.server.get("\(path)/status").object() == patched)
  }

  @Test func aPlainUpdateLeavesTheStatus() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.deployments, "web")
    var object = TestObjects.deployment("web")
    object["status"] = ["replicas": 7]
    #expect(try await space.create(.deployments, object).object(201).status == [:])
    _ = try await space.server.patch("\(path)/status", ["status": ["replicas": 2]]).object()
    let changed = try await space.server.patch(path, ["spec": ["replicas": 3], "status": ["replicas": 7]]).object()
    #expect(changed.status == ["replicas": 2] && changed.spec["replicas"] == 3)
  }

  @Test func conditionsMergeByType() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.pods, "web", "status")
    _ = try await space.create(.pods, TestObjects.pod("web")).object(201)
    for (type, status) in [("Ready", "False"), ("Initialized", "True"), ("Ready", "True")] {
      _ = try await space.server.patch(
        path, ["status": ["conditions": [["type": .string(type), "status": .string(status)]]]], as: .strategic
      ).object()
    }
    let conditions = try await space.get(.pods, "web").object().status["conditions"]?.items ?? []
    #expect(
      Dictionary(uniqueKeysWithValues: conditions.map { ($0["type"]?.string, $0["status"]?.string) })
        == ["Ready": "True", "Initialized": "True"])
  }

  @Test func aNodeBringsItsStatus() async throws {
    let server = try await TestServer()
    var node = TestObjects.node("node-1")
    node["status"] = ["addresses": [["type": "InternalIP", "address": "192.0.2.1"]]]
    let made = try await server.post("/api/v1/nodes", node).object(201)
    #expect(made.status["addresses"]?.items.first?["address"] == "192.0.2.1")
    let changed = try await server.patch(
      "/api/v1/nodes/node-1/status", ["spec": ["unschedulable": true], "status": ["phase": "Running"]]
    ).object()
    #expect(changed.spec["unschedulable"] == nil && changed.status["phase"] == "Running")
  }

  @Test func scaleReadsAndSetsTheReplicas() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.deployments, "web", "scale")
    let made = try await space.create(.deployments, TestObjects.deployment("web")).object(201)
    var scale = try await space.server.get(path).object()
    #expect(scale.kind == "Scale" && scale.apiVersion == "autoscaling/v1")
    #expect(scale.spec == ["replicas": 2] && scale.status == ["replicas": 0, "selector": "app=web"])
    #expect(scale.uid == made.uid && scale.resourceVersion == made.resourceVersion)
    scale["spec"] = ["replicas": 4]
    let changed = try await space.server.put(path, scale).object()
    #expect(changed.kind == "Scale" && changed.spec == ["replicas": 4])
    let deployment = try await space.get(.deployments, "web").object()
    #expect(deployment.spec["replicas"] == 4 && deployment.generation == 2)
    try await space.server.put(path, scale).refused(
      409, "Conflict",
      "Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified; please apply your "
        + "changes to the latest version and try again")
    #expect(try await space.server.patch(path, ["spec": ["replicas": 1]]).object().spec == ["replicas": 1])
    let negative = try await space.server.patch(path, ["spec": ["replicas": -1]]).object(422)
    #expect(
      negative["message"]?.string?.hasSuffix(
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0") == true)
  }

  @Test func aScaleOfTheWrongShapeIsRefused() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.deployments, "web", "scale")
    _ = try await space.create(.deployments, TestObjects.deployment("web")).object(201)
    #expect(try await space.server.put(path, TestObjects.deployment("web")).code == 400)
    #expect(try await space.server.patch(path, ["spec": ["replicas": "many"]]).code == 422)
    #expect(try await space.get(.deployments, "web").object().spec["replicas"] == 2)
  }

  @Test func aBindingPutsAPodOnANodeOnce() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.pods, "web", "binding")
    _ = try await space.create(.pods, TestObjects.pod("web")).object(201)
    let binding: JSON = [
      "apiVersion": "v1", "kind": "Binding", "metadata": ["name": "web"],
      "target": ["apiVersion": "v1", "kind": "Node", "name": "node-1"],
    ]
    let answer = try await space.server.post(path, binding).object(201)
    #expect(answer.kind == "Status" && answer["status"] == "Success" && answer["code"] == 201)
    let pod = try await space.get(.pods, "web").object()
    #expect(pod.spec["nodeName"] == "node-1")
    let condition = pod.status["conditions"]?.items.first
    #expect(condition?["type"] == "PodScheduled" && condition?["status"] == "True")
    #expect(condition?["observedGeneration"] == 1)
    try await space.server.post(path, binding).refused(
      409, "Conflict",
      "Operation cannot be fulfilled on pods \"web\": pod web is already assigned to node \"node-1\"")
  }

  @Test func aBindingMayNameItsPodItself() async throws {
    let space = try await TestServer.shared.namespace()
    let path = "/api/v1/namespaces/\(space.name)/bindings"
    _ = try await space.create(.pods, TestObjects.pod("web")).object(201)
    let answer = try await space.server.post(path, ["metadata": ["name": "web"], "target": ["name": "node-1"]])
    #expect(try answer.object(201)["status"] == "Success")
    #expect(try await space.get(.pods, "web").object().spec["nodeName"] == "node-1")
    try await space.server.post(path, ["metadata": ["name": "other"], "target": ["name": "node-1"]])
      .refused(404, "NotFound", "pods \"other\" not found")
    let core = try await space.server.get("/api/v1").object()["resources"]?.items ?? []
    #expect(core.first { $0["name"] == "bindings" }?["verbs"] == ["create"])
  }

  @Test func aBindingNeedsATargetAndAPod() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.pods, TestObjects.pod("web")).object(201)
    let empty = try await space.server.post(
      space.path(.pods, "web", "binding"), ["apiVersion": "v1", "kind": "Binding", "metadata": ["name": "web"]])
    try empty.refused(422, "Invalid", "Binding \"web\" is invalid: target.name: Required value")
    try await space.server.post(space.path(.pods, "other", "binding"), ["target": ["name": "node-1"]])
      .refused(404, "NotFound", "pods \"other\" not found")
  }

  @Test func twoSchedulersCannotBothBind() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.pods, "web", "binding")
    _ = try await space.create(.pods, TestObjects.pod("web")).object(201)
    let codes = try await withThrowingTaskGroup(of: Int.self) { group in
      for index in 0..<8 {
        group.addTask { try await space.server.post(path, ["target": ["name": .string("node-\(index)")]]).code }
      }
      return try await group.reduce(into: [Int]()) { $0.append($1) }
    }
    #expect(codes.filter { $0 == 201 }.count == 1 && codes.filter { $0 == 409 }.count == 7)
  }

  @Test func whatIsNoSubresourceIsNotFound() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    try await space.server.get(space.path(.configMaps, "a", "status"))
      .refused(404, "NotFound", "the server could not find the requested resource")
    try await space.server.post(space.path(.deployments, "a", "status"), [:]).refused(
      405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
  }
}
