import JSONTree
import KubernetesAPI
import Testing

@Suite struct EphemeralContainerTests {
  private func debugger(_ name: String = "debug", _ more: JSONObject = [:]) -> JSON {
    var members: JSONObject = ["name": .string(name), "image": "busybox"]
    for member in more.members { members[member.key] = member.value }
    return .object(members)
  }

  private func patch(_ containers: [JSON]) -> JSON { ["spec": ["ephemeralContainers": .array(containers)]] }

  @Test func theyAreAddedByTheirSubresourceAlone() async throws {
    let space = try await TestServer.shared.namespace()
    let made = try await space.create(.pods, TestObjects.pod("web")).object(201)
    let path = space.path(.pods, "web", "ephemeralcontainers")
    // As `kubectl debug` does.
    let patched = try await space.server.patch(path, patch([debugger()]), as: .strategic).object()
    let added = try #require(patched.spec["ephemeralContainers"]?.items.first)
    #expect(added["terminationMessagePolicy"] == "File" && added["imagePullPolicy"] == "Always")
    #expect(patched.generation == made.generation + 1)
    #expect(try await space.server.get(path).object() == patched)
    let second = try await space.server.patch(
      path, patch([debugger("more", ["targetContainerName": made.spec["containers"]?.items.first?["name"] ?? ""])]),
      as: .strategic
    ).object()
    #expect(Set((second.spec["ephemeralContainers"]?.items ?? []).map { $0["name"]?.string }) == ["debug", "more"])

    // Everything else of what is sent is left aside.
    var update = second
    update[path: "spec", "ephemeralContainers"] = .array(
      (second.spec["ephemeralContainers"]?.items ?? []) + [debugger("third")])
    update[path: "spec", "hostNetwork"] = true
    update[path: "metadata", "labels"] = ["a": "b"]
    let third = try await space.server.put(path, update).object()
    #expect(third.spec["ephemeralContainers"]?.items.count == 3)
    #expect(third.spec["hostNetwork"] == nil && third.labels == second.labels)

    let refused = try await space.server.patch(
      space.path(.pods, "web"), patch([debugger("fourth")]), as: .strategic
    ).message(422)
    #expect(refused.contains("pod updates may not change fields other than"))
  }

  @Test func whatWasAddedStays() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.pods, TestObjects.pod("web")).object(201)
    let path = space.path(.pods, "web", "ephemeralcontainers")
    _ = try await space.server.patch(path, patch([debugger()]), as: .strategic).object()
    func refusal(_ containers: [JSON]) async throws -> String {
      try await space.server.patch(path, patch(containers)).message(422)
    }
    #expect(
      try await refusal([debugger("other")]).contains(
        "spec.ephemeralContainers: Forbidden: existing ephemeral containers \"debug\" may not be removed\n"))
    #expect(
      try await refusal([debugger("debug", ["image": "another"])]).contains(
        "spec.ephemeralContainers: Forbidden: existing ephemeral containers \"debug\" may not be changed\n"))
    #expect(try await space.server.delete(path).code == 405)
  }

  @Test(
    arguments: [
      (["ports": [["containerPort": 80]]], "ports: Forbidden: cannot be set for an Ephemeral Container"),
      (
        ["livenessProbe": ["tcpSocket": ["port": 1]]],
        "livenessProbe: Forbidden: cannot be set for an Ephemeral Container"
      ),
      (
        ["lifecycle": ["preStop": ["sleep": ["seconds": 1]]]],
        "lifecycle: Forbidden: cannot be set for an Ephemeral Container"
      ),
      (["resources": ["limits": ["cpu": "1"]]], "resources: Forbidden: cannot be set for an Ephemeral Container"),
      (["targetContainerName": "nobody"], "targetContainerName: Not found: \"nobody\""),
      (["name": "main"], "name: Duplicate value: \"main\""),
    ] as [(JSONObject, String)])
  func whatNothingMayDependOnIsRefused(_ more: JSONObject, _ message: String) async throws {
    let space = try await TestServer.shared.namespace()
    var pod = TestObjects.pod("web")
    var container = pod.spec["containers"]?.items.first ?? [:]
    container["name"] = "main"
    pod[path: "spec", "containers"] = [container]
    _ = try await space.create(.pods, pod).object(201)
    let path = space.path(.pods, "web", "ephemeralcontainers")
    let refused = try await space.server.patch(path, patch([debugger("debug", more)]), as: .strategic).message(422)
    #expect(refused.contains("spec.ephemeralContainers[0].\(message)"), "\(refused)")
  }
}

extension Answer {
  /// Of a `Status` with this code.
  fileprivate func message(_ expected: Int) throws -> String { try object(expected)["message"]?.string ?? "" }
}
