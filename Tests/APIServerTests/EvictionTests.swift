import JSONTree
import KubernetesAPI
import Testing

@testable import APIServer

/// Evictions ask the pod's disruption budget.
@Suite struct EvictionTests {
  private func evict(_ space: TestNamespace, _ name: String, query: String = "") async throws -> Answer {
    try await space.server.post(
      space.path(.pods, name, "eviction") + query,
      ["apiVersion": "policy/v1", "kind": "Eviction", "metadata": ["name": .string(name)]])
  }

  private func run(_ space: TestNamespace, _ name: String, isReady: Bool = true) async throws {
    _ = try await space.create(.pods, TestObjects.pod(name, labels: ["app": "web"])).object(201)
    let ready: JSON = ["type": "Ready", "status": isReady ? "True" : "False"]
    _ = try await space.server.patch(
      space.path(.pods, name, "status"), ["status": ["phase": "Running", "conditions": [ready]]]
    ).object()
  }

  private func budget(_ space: TestNamespace, _ name: String, allowed: Int64) async throws {
    let made = try await space.create(
      .podDisruptionBudgets,
      ["metadata": ["name": .string(name)], "spec": ["minAvailable": 1, "selector": ["matchLabels": ["app": "web"]]]]
    ).object(201)
    _ = try await space.server.patch(
      space.path(.podDisruptionBudgets, name, "status"),
      [
        "status": [
          "observedGeneration": .int(made.generation), "disruptionsAllowed": .int(allowed), "currentHealthy": 2,
          "desiredHealthy": 1, "expectedPods": 2,
        ]
      ]
    ).object()
  }

  @Test func withoutABudgetAPodGoes() async throws {
    let space = try await TestServer.shared.namespace()
    try await run(space, "a")
    #expect(try await evict(space, "a", query: "?dryRun=All").code == 201)
    #expect(try await space.get(.pods, "a").code == 200)
    #expect(try await evict(space, "a").code == 201)
    #expect(try await space.get(.pods, "a").code == 404)
    #expect(try await evict(space, "a").code == 404)
  }

  @Test func whatIsNotReadyMayGoWhereTheOthersAreEnough() async throws {
    let space = try await TestServer.shared.namespace()
    for name in ["a", "b"] { try await run(space, name, isReady: false) }
    try await budget(space, "web", allowed: 0)
    #expect(try await evict(space, "a").code == 201)
    _ = try await space.server.patch(
      space.path(.podDisruptionBudgets, "web", "status"), ["status": ["currentHealthy": 0]]
    ).object()
    #expect(try await evict(space, "b").code == 429)
    let always = try await space.server.patch(
      space.path(.podDisruptionBudgets, "web"), ["spec": ["unhealthyPodEvictionPolicy": "AlwaysAllow"]])
    #expect(always.code == 200)
    #expect(try await evict(space, "b").code == 201)
  }

  @Test func aBudgetGivesWhatItHas() async throws {
    let space = try await TestServer.shared.namespace()
    for name in ["a", "b"] { try await run(space, name) }
    try await budget(space, "web", allowed: 1)
    #expect(try await evict(space, "a").code == 201)
    let left = try await space.get(.podDisruptionBudgets, "web").object().status
    #expect(left["disruptionsAllowed"] == 0 && left["disruptedPods"]?["a"] != nil)
    let refused = try await evict(space, "b").refused(
      429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.")
    #expect(
      refused["details"]?["causes"]?.items.first?["message"]
        == "The disruption budget web needs 1 healthy pods and has 2 currently")
    #expect(try await space.get(.pods, "b").code == 200)
  }

  @Test func twoBudgetsAreTooMany() async throws {
    let space = try await TestServer.shared.namespace()
    try await run(space, "a")
    for name in ["one", "two"] { try await budget(space, name, allowed: 1) }
    let answer = try await evict(space, "a")
    #expect(answer.code == 500 && answer.text.contains("more than one PodDisruptionBudget"))
  }
}
