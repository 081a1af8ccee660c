import APIClient
import APITesting
import JSONTree
import KubernetesAPI
import Testing

@testable import Controllers

@Suite("Disruption budgets", .timeLimit(.minutes(5)))
struct DisruptionTests {
  private let now = Timestamp(seconds: 1_000_000)

  private func pod(_ name: String, isReady: Bool = true) -> JSON {
    var pod: JSON = ["metadata": ["name": .string(name), "namespace": "default"]]
    pod.setCondition("Ready", isTrue: isReady, at: now)
    return pod
  }

  private func status(_ spec: JSON, _ pods: [JSON], scale: Int = 4, disrupted: JSON? = nil) -> JSON {
    var budget: JSON = ["metadata": ["generation": 3], "spec": spec]
    if let disrupted { budget[path: "status", "disruptedPods"] = disrupted }
    return DisruptionPlan(budget: budget, pods: pods, scale: { scale }, now: now).status
  }

  private func counts(_ status: JSON) -> [Int64?] {
    ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"].map { status[$0]?.int }
  }

  @Test func aNumberOfPodsHasToStay() {
    let pods = [pod("a"), pod("b"), pod("c", isReady: false)]
    #expect(counts(status(["minAvailable": 1], pods)) == [1, 2, 1, 3])
    #expect(counts(status(["minAvailable": 2], pods)) == [0, 2, 2, 3])
    #expect(counts(status(["minAvailable": 1], [])) == [0, 0, 1, 0])
  }

  @Test func aPartIsOfWhatTheControllersWant() {
    let pods = [pod("a"), pod("b"), pod("c")]
    #expect(counts(status(["minAvailable": "51%"], pods)) == [0, 3, 3, 4])
    #expect(counts(status(["maxUnavailable": 2], pods)) == [1, 3, 2, 4])
    #expect(counts(status(["maxUnavailable": "30%"], pods, scale: 3)) == [1, 3, 2, 3])
    #expect(counts(status(["maxUnavailable": 9], pods)) == [3, 3, 0, 4])
  }

  @Test func theStatusSaysWhetherAPodMayGo() {
    let open = status(["minAvailable": 0], [pod("a")])
    let condition = open["conditions"]?.items.first
    #expect(condition?["type"] == "DisruptionAllowed" && condition?["status"] == "True")
    #expect(condition?["reason"] == "SufficientPods" && condition?["message"] == "")
    #expect(condition?["observedGeneration"] == 3 && open["observedGeneration"] == 3)
    let closed = status(["minAvailable": 1], [pod("a")])
    #expect(closed["conditions"]?.items.first?["reason"] == "InsufficientPods")
  }

  @Test func anEvictedPodDoesNotCountForAWhile() {
    let recent = (now - .seconds(30)).description
    let old = (now - .seconds(130)).description
    let pods = [pod("a"), pod("b"), pod("c")]
    let told = status(
      ["minAvailable": 1], pods, disrupted: ["a": .string(recent), "b": .string(old), "gone": .string(recent)])
    #expect(counts(told) == [1, 2, 1, 3])
    #expect(told["disruptedPods"] == ["a": .string(recent)])
  }

  @Test func whatIsNotKnownForbids() {
    struct Unknown: Error {}
    let budget: JSON = ["metadata": ["generation": 1], "spec": ["maxUnavailable": 1]]
    let plan = DisruptionPlan(budget: budget, pods: [pod("a")], scale: { throw Unknown() }, now: now)
    #expect(plan.status["disruptionsAllowed"] == 0)
    #expect(plan.status["conditions"]?.items.first?["reason"] == "SyncFailed")
    #expect(plan.recheckAfter != nil)
  }

  @Test func aBudgetFollowsItsPodsAndTheirControllers() async throws {
    let run = ControllerRun()
    let template: JSON = [
      "metadata": ["labels": ["app": "web"]], "spec": ["containers": [["name": "c", "image": "i"]]],
    ]
    try await run([
      DisruptionController(context: run.context), ReplicaSetController(context: run.context),
      ReplicaSetController(context: run.context, kind: .replicationControllers),
    ]) {
      _ = try await run.client.create(
        .podDisruptionBudgets,
        [
          "metadata": ["name": "web", "namespace": "default"],
          "spec": ["maxUnavailable": 1, "selector": ["matchLabels": ["app": "web"]]],
        ])
      _ = try await run.client.create(
        .replicationControllers,
        [
          "metadata": ["name": "one", "namespace": "default"],
          "spec": ["replicas": 2, "selector": ["app": "web"], "template": template],
        ])
      func follows(_ expected: Int64, _ desired: Int64) async {
        await run.wait(.podDisruptionBudgets, "\(expected) pods, \(desired) to stay") { budgets in
          budgets.first.map { counts($0.status) } == [1, expected, desired, expected]
        }
      }
      await follows(2, 1)
      _ = try await run.client.patch(
        .replicationControllers, namespace: "default", name: "one", ["spec": ["replicas": 3]])
      await follows(3, 2)
    }
  }
}
