import JSONTree
import KubernetesAPI
import Testing

@Suite struct EffectiveResourcesTests {
  private func pod(_ status: JSON, condition: JSON? = nil) -> JSON {
    var pod: JSON = [
      "spec": ["containers": [["name": "a", "resources": ["requests": ["cpu": "200m", "memory": "1Gi"]]]]],
      "status": ["containerStatuses": [status]],
    ]
    if let condition { pod[path: "status", "conditions"] = [condition] }
    return pod
  }

  private func cpu(_ pod: JSON) -> Int64 { ResourceAmounts.requests(of: EffectiveResources.pod(pod).spec).cpu }

  @Test func theMostCounts() {
    #expect(cpu(pod(["name": "a"])) == 200)
    #expect(cpu(pod(["name": "a", "allocatedResources": ["cpu": "0.5"]])) == 500)
    #expect(cpu(pod(["name": "a", "resources": ["requests": ["cpu": "300m"]]])) == 300)
    #expect(cpu(pod(["name": "a", "allocatedResources": ["cpu": "100m"]])) == 200)
    #expect(cpu(pod(["name": "b", "allocatedResources": ["cpu": "1"]])) == 200)
  }

  @Test func whatIsRefusedForGoodAsksForNothing() {
    let status: JSON = ["name": "a", "allocatedResources": ["cpu": "100m"]]
    func condition(_ reason: JSON) -> JSON { ["type": "PodResizePending", "status": "True", "reason": reason] }
    #expect(cpu(pod(status, condition: condition("Infeasible"))) == 100)
    #expect(cpu(pod(status, condition: condition("Deferred"))) == 200)
    // What was asked for after the refusal counts.
    var judged = condition("Infeasible")
    judged["observedGeneration"] = 2
    var again = pod(status, condition: judged)
    again[path: "metadata", "generation"] = 2
    #expect(cpu(again) == 100)
    again[path: "metadata", "generation"] = 3
    #expect(cpu(again) == 200)
  }
}
