import JSONTree
import KubernetesAPI
import Testing

@testable import Controllers

@Suite("ReplicaSet plan")
struct ReplicaSetPlanTests {
  private let now = Timestamp(seconds: 1_000_000)

  private func set(_ replicas: Int64, minReadySeconds: Int64 = 0) -> JSON {
    [
      "metadata": ["name": "web", "namespace": "default", "uid": "set", "generation": 3],
      "spec": [
        "replicas": .int(replicas), "minReadySeconds": .int(minReadySeconds),
        "template": ["metadata": ["labels": ["app": "web"]]],
      ],
    ]
  }

  private func pod(
    _ name: String, node: String = "n1", phase: String = "Running", readyFor: Int64? = 100, age: Int64 = 1000,
    cost: String? = nil, restarts: Int64 = 0, terminating: Bool = false
  ) -> JSON {
    var pod: JSON = [
      "metadata": [
        "name": .string(name), "uid": .string(name), "labels": ["app": "web"],
        "creationTimestamp": .string((now - .seconds(age)).description),
      ],
      "spec": ["nodeName": .string(node)],
      "status": ["phase": .string(phase), "containerStatuses": [["restartCount": .int(restarts)]]],
    ]
    if let readyFor { pod.setCondition("Ready", isTrue: true, at: now - .seconds(readyFor)) }
    if let cost {
      pod[path: "metadata", "annotations"] = ["controller.kubernetes.io/pod-deletion-cost": .string(cost)]
    }
    if terminating { pod[path: "metadata", "deletionTimestamp"] = .string(now.description) }
    return pod
  }

  private func deleted(_ pods: [JSON], keeping replicas: Int64) -> [String] {
    ReplicaSetPlan(replicaSet: set(replicas), pods: pods, related: pods, now: now).deletions.map(\.name)
  }

  @Test func makesWhatIsMissing() {
    let pods = [pod("a"), pod("b", phase: "Failed"), pod("c", terminating: true)]
    #expect(ReplicaSetPlan(replicaSet: set(3), pods: pods, related: [], now: now).creations == 2)
    #expect(ReplicaSetPlan(replicaSet: set(1000), pods: [], related: [], now: now).creations == 500)
  }

  @Test func aTerminatingSetDoesNothing() {
    var gone = set(3)
    gone[path: "metadata", "deletionTimestamp"] = "2026-01-01T00:00:00Z"
    let plan = ReplicaSetPlan(replicaSet: gone, pods: [], related: [], now: now)
    #expect(plan.creations == 0 && plan.deletions.isEmpty)
  }

  @Test func deletesInUpstreamsOrder() {
    #expect(deleted([pod("a"), pod("b", node: "")], keeping: 1) == ["b"])
    #expect(deleted([pod("a"), pod("b", phase: "Pending", readyFor: nil)], keeping: 1) == ["b"])
    #expect(deleted([pod("a"), pod("b", readyFor: nil)], keeping: 1) == ["b"])
    #expect(deleted([pod("a", cost: "5"), pod("b", cost: "-5"), pod("c")], keeping: 2) == ["b"])
    #expect(deleted([pod("a"), pod("b", node: "n2"), pod("c")], keeping: 2).first != "b")
    #expect(deleted([pod("a", readyFor: 900), pod("b", readyFor: 10)], keeping: 1) == ["b"])
    #expect(deleted([pod("a"), pod("b", restarts: 4)], keeping: 1) == ["b"])
    #expect(deleted([pod("a", age: 5000), pod("b", age: 200)], keeping: 1) == ["b"])
  }

  @Test func statusCountsWhatIsReadyAndAvailable() {
    let pods = [pod("a", readyFor: 60), pod("b", readyFor: 4), pod("c", readyFor: nil), pod("d", terminating: true)]
    let (status, recheck) = ReplicaSetPlan.status(
      of: set(3, minReadySeconds: 10), pods: pods, failure: nil, now: now)
    #expect(status["replicas"] == 3)
    #expect(status["readyReplicas"] == 2)
    #expect(status["availableReplicas"] == 1)
    #expect(status["fullyLabeledReplicas"] == 3)
    #expect(status["observedGeneration"] == 3)
    #expect(recheck == .seconds(6))
  }

  @Test func aFailureIsACondition() {
    let failure = ReplicaFailure(reason: "FailedCreate", message: "no")
    let (status, _) = ReplicaSetPlan.status(of: set(1), pods: [], failure: failure, now: now)
    #expect(status["conditions"]?.items.first?["type"] == "ReplicaFailure")
    // A refusal of a pod of another name is no news.
    var failed = set(1)
    failed["status"] = status
    let other = ReplicaFailure(reason: "FailedCreate", message: "no, again")
    #expect(ReplicaSetPlan.status(of: failed, pods: [], failure: other, now: now + .seconds(5)).status == status)
    #expect(ReplicaSetPlan.status(of: failed, pods: [], failure: nil, now: now).status["conditions"] == nil)
  }
}
