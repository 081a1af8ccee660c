import APIClient
import APITesting
import JSONTree
import KubernetesAPI
import Testing

@testable import Controllers

@Suite("Garbage collector", .timeLimit(.minutes(5)))
struct GarbageCollectorTests {
  private let run = ControllerRun()

  private func configMap(_ name: String, owners: [JSON] = [], blocking: Bool = true) -> JSON {
    [
      "metadata": [
        "name": .string(name), "namespace": "default",
        "ownerReferences": .array(owners.map { $0.ownerReference(isController: false, blocksDeletion: blocking) }),
      ]
    ]
  }

  private func make(_ name: String, owners: [JSON] = []) async throws -> JSON {
    try await run.client.create(.configMaps, configMap(name, owners: owners))
  }

  private func names(_ objects: [JSON]) -> Set<String> { Set(objects.map(\.name)) }

  private func delete(_ name: String, _ policy: PropagationPolicy) async throws {
    try await run.client.delete(
      .configMaps, namespace: "default", name: name, options: DeleteOptions(propagationPolicy: policy))
  }

  @Test func whatIsOwnedGoesWithItsOwner() async throws {
    try await run([GarbageCollector(context: run.context)]) {
      let owner = try await make("owner")
      let child = try await make("child", owners: [owner])
      _ = try await make("grandchild", owners: [child])
      _ = try await make("other")
      try await delete("owner", .background)
      await run.wait(.configMaps, "only the other") { names($0) == ["other"] }
    }
  }

  @Test func oneOwnerIsEnoughToStay() async throws {
    try await run([GarbageCollector(context: run.context)]) {
      let owners = [try await make("a"), try await make("b")]
      _ = try await make("child", owners: owners)
      try await delete("a", .background)
      await run.wait(.configMaps, "the child with one owner left") { objects in
        names(objects) == ["b", "child"]
          && objects.first { $0.name == "child" }?.ownerReferences.map { $0["name"]?.string } == ["b"]
      }
    }
  }

  @Test func foregroundDeletesDependentsFirst() async throws {
    try await run([GarbageCollector(context: run.context)]) {
      let owner = try await make("owner")
      var child = configMap("child", owners: [owner])
      child[path: "metadata", "finalizers"] = ["test/hold"]
      _ = try await run.client.create(.configMaps, child)
      try await delete("owner", .foreground)
      await run.wait(.configMaps, "both there, both terminating") { $0.count == 2 && $0.allSatisfy(\.isTerminating) }
      _ = try await run.client.patch(
        .configMaps, namespace: "default", name: "child", ["metadata": ["finalizers": .null]])
      await run.wait(.configMaps, "none") { $0.isEmpty }
    }
  }

  @Test func orphansLiveOnWithoutTheirOwner() async throws {
    try await run([GarbageCollector(context: run.context)]) {
      let owner = try await make("owner")
      _ = try await make("child", owners: [owner])
      try await delete("owner", .orphan)
      await run.wait(.configMaps, "the child alone, of nobody") { objects in
        names(objects) == ["child"] && objects.allSatisfy(\.ownerReferences.isEmpty)
      }
    }
  }

  @Test func anOwnerThatNeverWasIsAskedFor() async throws {
    let owner = run.api.put(.configMaps, configMap("owner"))
    var replaced = owner
    replaced[path: "metadata", "uid"] = "another"
    run.api.put(.configMaps, configMap("of-the-old", owners: [replaced]))
    run.api.put(.configMaps, configMap("of-the-new", owners: [owner]))
    try await run([GarbageCollector(context: run.context)]) {
      await run.wait(.configMaps, "what the living one owns") { names($0) == ["owner", "of-the-new"] }
    }
  }
}
