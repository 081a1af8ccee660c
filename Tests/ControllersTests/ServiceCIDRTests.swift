import APIClient
import APITesting
import JSONTree
import KubernetesAPI
import NetworkTypes
import Testing

@testable import Controllers

@Suite("Ranges of Services", .timeLimit(.minutes(5)))
struct ServiceCIDRTests {
  private let run = ControllerRun()
  private let now = Timestamp(seconds: 1_000_000)

  private func range(_ name: String, _ blocks: [String], terminating: Bool = false) -> JSON {
    var range: JSON = [
      "metadata": ["name": .string(name), "finalizers": [.string(ServiceRangePlan.finalizer)]],
      "spec": ["cidrs": .array(blocks.map { .string($0) })],
    ]
    if terminating { range[path: "metadata", "deletionTimestamp"] = .string(now.description) }
    return range
  }

  private func address(_ name: String) -> JSON {
    [
      "metadata": [
        "name": .string(name), "labels": ["ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io"],
      ], "spec": ["parentRef": ["resource": "services", "namespace": "default", "name": "web"]],
    ]
  }

  private func plan(_ range: JSON, others: [JSON] = [], addresses: [String] = []) -> ServiceRangePlan {
    ServiceRangePlan(range, others: others, addresses: addresses.compactMap { IPAddress($0) }, now: now)
  }

  @Test func aRangeIsProtectedAndThenReady() {
    var bare = range("a", ["10.1.0.0/24"])
    bare[path: "metadata", "finalizers"] = nil
    guard case .protect(let kept) = plan(bare) else {
      Issue.record("not protected")
      return
    }
    #expect(kept.finalizers == [ServiceRangePlan.finalizer])
    guard case .tell(let told) = plan(kept) else {
      Issue.record("not told")
      return
    }
    #expect(told.isConditionTrue("Ready") && told.condition("Ready")?["reason"] == "")
    #expect(plan(told) == .settled)
  }

  @Test func aUsedRangeStays() {
    let going = range("a", ["10.1.0.0/24", "fd00::/112"], terminating: true)
    for used in ["10.1.0.7", "fd00::7"] {
      guard case .tell(let told) = plan(going, addresses: [used]) else {
        Issue.record("not told of \(used)")
        continue
      }
      #expect(told.condition("Ready")?["status"] == "False" && told.condition("Ready")?["reason"] == "Terminating")
      #expect(plan(told, addresses: [used]) == .settled)
    }
    guard case .release(let free) = plan(going, addresses: ["10.2.0.7"]) else {
      Issue.record("not released")
      return
    }
    #expect(free.finalizers.isEmpty)
    // Another range may have every address of it, or all of those that are used.
    for other in [["10.0.0.0/8", "fd00::/64"], ["10.1.0.0/28"]] {
      guard case .release = plan(going, others: [range("b", other)], addresses: ["10.1.0.7"]) else {
        Issue.record("not released for \(other)")
        continue
      }
    }
  }

  @Test func aRangeGoesWithItsLastAddress() async throws {
    var going = range("a", ["10.1.0.0/24"])
    going[path: "metadata", "finalizers"] = nil
    run.api.put(.serviceCIDRs, going)
    run.api.put(.ipAddresses, address("10.1.0.7"))
    try await run([ServiceCIDRController(context: run.context, gracePeriod: .milliseconds(10))]) {
      await run.wait(.serviceCIDRs, "ready") { $0.first?.isConditionTrue("Ready") == true }
      try await run.client.delete(.serviceCIDRs, name: "a")
      await run.wait(.serviceCIDRs, "held") { $0.first?.condition("Ready")?["reason"] == "Terminating" }
      run.api.remove(.ipAddresses, ObjectName(name: "10.1.0.7"))
      await run.wait(.serviceCIDRs, "gone") { $0.isEmpty }
    }
  }

  @Test func aRangeThatTakesOverLetsItGo() async throws {
    run.api.put(.serviceCIDRs, range("a", ["10.1.0.0/24"]))
    run.api.put(.ipAddresses, address("10.1.0.7"))
    try await run([ServiceCIDRController(context: run.context, gracePeriod: .milliseconds(10))]) {
      await run.wait(.serviceCIDRs, "ready") { $0.first?.isConditionTrue("Ready") == true }
      try await run.client.delete(.serviceCIDRs, name: "a")
      await run.wait(.serviceCIDRs, "held") { $0.first?.condition("Ready")?["reason"] == "Terminating" }
      run.api.put(.serviceCIDRs, range("b", ["10.1.0.0/16"]))
      await run.wait(.serviceCIDRs, "the other alone") { $0.map(\.name) == ["b"] }
    }
  }

  @Test func nobodyIsWaitedForInVain() async throws {
    run.api.put(.serviceCIDRs, range("a", ["10.1.0.0/24"]))
    try await run([ServiceCIDRController(context: run.context, gracePeriod: .seconds(3600))]) {
      await run.wait(.serviceCIDRs, "ready") { $0.first?.isConditionTrue("Ready") == true }
      try await run.client.delete(.serviceCIDRs, name: "a")
      await run.wait(.serviceCIDRs, "on its way") { $0.first?.isTerminating == true }
      try await Task.sleep(for: .milliseconds(50))
      #expect(run.api.objects(.serviceCIDRs).map(\.name) == ["a"])
    }
  }
}
