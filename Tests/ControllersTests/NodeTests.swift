import APIClient
import APITesting
import JSONTree
import KubernetesAPI
import NetworkTypes
import Testing

@testable import Controllers

@Suite("Node CIDR allocation")
struct NodeCIDRAllocationTests {
  private func allocation() throws -> NodeCIDRAllocation {
    NodeCIDRAllocation(network: try #require(CIDR("10.244.0.0/22")), prefixLength: 24)
  }

  @Test func givesEveryNodeItsOwnBlockAndKeepsIt() throws {
    var allocation = try allocation()
    allocation.take(try #require(CIDR("10.244.0.0/24")), for: "a")
    #expect(allocation.allocate(for: "b")?.description == "10.244.1.0/24")
    #expect(allocation.allocate(for: "b")?.description == "10.244.1.0/24")
    #expect(allocation.allocate(for: "c")?.description == "10.244.2.0/24")
  }

  @Test func aFreedBlockRestsLongestAndNoneMeansNone() throws {
    var allocation = try allocation()
    for node in ["a", "b", "c"] { _ = allocation.allocate(for: node) }
    allocation.release("a")
    #expect(allocation.allocate(for: "d")?.description == "10.244.3.0/24")
    #expect(allocation.allocate(for: "e")?.description == "10.244.0.0/24")
    #expect(allocation.allocate(for: "f") == nil)
  }
}

@Suite("Node health")
struct NodeHealthTests {
  private let now = Timestamp(seconds: 1_000_000)

  private func node(ready: String?, taints: JSON = .null) -> JSON {
    var node: JSON = ["metadata": ["name": "a"], "spec": ["taints": taints]]
    if let ready { node.setCondition("Ready", isTrue: ready == "Unknown" ? nil : ready == "True", at: now) }
    return node
  }

  private func health(_ node: JSON, silentFor seconds: Int64 = 0) -> NodeHealth {
    NodeHealth(node: node, lastHeard: now - .seconds(seconds), grace: .seconds(40), now: now)
  }

  private func keys(_ taints: JSON?) -> [String] {
    (taints?.items ?? []).map { "\($0["key"]?.string ?? ""):\($0["effect"]?.string ?? "")" }
  }

  @Test func aSilentNodeIsUnknownAndUnreachable() {
    let silent = health(node(ready: "True"), silentFor: 41)
    #expect(silent.statusOfSilentNode(now: now)?.condition("Ready")?["status"] == "Unknown")
    #expect(
      keys(silent.taints(now: now)) == [
        "node.kubernetes.io/unreachable:NoExecute", "node.kubernetes.io/unreachable:NoSchedule",
      ])
    let spoken = health(node(ready: "True"), silentFor: 39)
    #expect(spoken.statusOfSilentNode(now: now) == nil)
    #expect(spoken.taints(now: now) == nil)
  }

  @Test func whatIsSaidAlreadyIsNotSaidAgain() throws {
    let silent = health(node(ready: "True"), silentFor: 41)
    var written = try #require(silent.statusOfSilentNode(now: now))
    #expect(health(written, silentFor: 50).statusOfSilentNode(now: now) == nil)
    written[path: "spec", "taints"] = silent.taints(now: now)
    #expect(health(written, silentFor: 50).taints(now: now) == nil)
  }

  @Test func readinessTakesItsTaintsAwayAndKeepsOthers() {
    let taints: JSON = [
      ["key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"], ["key": "gpu", "effect": "NoSchedule"],
    ]
    #expect(keys(health(node(ready: "True", taints: taints)).taints(now: now)) == ["gpu:NoSchedule"])
    #expect(
      keys(health(node(ready: "False", taints: taints)).taints(now: now)) == [
        "node.kubernetes.io/not-ready:NoSchedule", "gpu:NoSchedule", "node.kubernetes.io/not-ready:NoExecute",
      ])
  }

  @Test func evictionWaitsAsLongAsIsTolerated() {
    let taint: JSON = [
      "key": "node.kubernetes.io/unreachable", "effect": "NoExecute", "timeAdded": .string(now.description),
    ]
    let verdict = { (tolerations: JSON) in
      TaintEviction.verdict(pod: ["spec": ["tolerations": tolerations]], taints: [taint], now: now + .seconds(10))
    }
    #expect(verdict([]) == .leaves(at: now + .seconds(10)))
    let bounded: JSON = ["key": "node.kubernetes.io/unreachable", "operator": "Exists", "tolerationSeconds": 300]
    #expect(verdict([bounded]) == .leaves(at: now + .seconds(300)))
    #expect(verdict([["operator": "Exists"]]) == .stays)
    // The first that fits counts.
    #expect(verdict([["operator": "Exists"], bounded]) == .stays)
    #expect(verdict([bounded, ["operator": "Exists"]]) == .leaves(at: now + .seconds(300)))
  }

  /// As `kubectl taint` makes it.
  @Test func aTaintMayKeepItsAgeToItself() {
    let taint: JSON = ["key": "evict", "effect": "NoExecute"]
    let pod: JSON = ["spec": ["tolerations": [["operator": "Exists", "tolerationSeconds": 5]]]]
    #expect(
      TaintEviction.verdict(pod: pod, taints: [taint], now: now + .seconds(4), since: now)
        == .leaves(at: now + .seconds(5)))
  }
}

@Suite("Node controllers", .timeLimit(.minutes(5)))
struct NodeControllerTests {
  private let run = ControllerRun()

  @Test func aNewNodeGetsABlockAndItsTaintGoes() async throws {
    let network = try #require(CIDR("10.244.0.0/16"))
    try await run([
      NodeCIDRController(context: run.context, networks: [.init(network)]),
      NodeLifecycleController(context: run.context),
    ]) {
      var node: JSON = ["metadata": ["name": "node-1"], "spec": [:]]
      node.setCondition("Ready", isTrue: false, at: .now)
      run.api.put(.nodes, node)
      await run.wait(.nodes, "a block and taints") { nodes in
        nodes.first?.spec["podCIDR"] == "10.244.0.0/24" && nodes.first?.spec["podCIDRs"] == ["10.244.0.0/24"]
          && nodes.first?.spec["taints"]?.items.count == 2
      }
      var ready = try #require(run.api.objects(.nodes).first)
      ready.setCondition("Ready", isTrue: true, at: .now)
      _ = try await run.client.updateStatus(.nodes, ready)
      await run.wait(.nodes, "no taint") { $0.first?.spec["taints"] == nil }
    }
  }

  @Test func aNodeGetsABlockOfEachFamilyOrNone() async throws {
    let networks = try ["10.244.0.0/22", "fd53::/63"].map { NodeCIDRController.Network(try #require(CIDR($0))) }
    run.api.put(.nodes, ["metadata": ["name": "old"], "spec": ["podCIDR": "10.244.0.0/24"]])
    try await run([NodeCIDRController(context: run.context, networks: networks)]) {
      for name in ["a", "b", "c"] {
        run.api.put(.nodes, ["metadata": ["name": .string(name)], "spec": [:]])
        await run.wait(.nodes, "blocks for \(name), or an event") { nodes in
          nodes.contains { $0.name == name && $0.spec["podCIDRs"] != nil }
            || run.api.objects(.coreEvents).contains { $0["reason"] == "CIDRNotAvailable" }
        }
      }
      let nodes = run.api.objects(.nodes)
      func blocks(_ name: String) -> JSON? { nodes.first { $0.name == name }?.spec["podCIDRs"] }
      #expect(blocks("a") == ["10.244.1.0/24", "fd53::/64"])
      #expect(blocks("b") == ["10.244.2.0/24", "fd53:0:0:1::/64"])
      #expect(nodes.first { $0.name == "b" }?.spec["podCIDR"] == "10.244.2.0/24")
      // There is no third block of IPv6; what was given before stays as it is.
      #expect(blocks("c") == nil && blocks("old") == nil)
    }
  }

  @Test func aSilentNodesPodsLeaveTheRotationAndThenTheNode() async throws {
    var configuration = NodeLifecycleController.Configuration()
    (configuration.gracePeriod, configuration.checkInterval) = (.milliseconds(50), .milliseconds(5))
    var node: JSON = ["metadata": ["name": "node-1"], "spec": [:]]
    node.setCondition("Ready", isTrue: true, at: .now)
    run.api.put(.nodes, node)
    for (name, seconds) in [("patient", Int64(300)), ("hasty", 0)] {
      let tolerations: JSON = [["operator": "Exists", "effect": "NoExecute", "tolerationSeconds": .int(seconds)]]
      var pod = Backend.pod(name, "10.244.1.2", spec: ["nodeName": "node-1", "tolerations": tolerations])
      pod.setCondition("Ready", isTrue: true, at: .now)
      run.api.put(.pods, pod)
    }
    try await run([NodeLifecycleController(context: run.context, configuration: configuration)]) {
      await run.wait(.nodes, "unknown and tainted") { nodes in
        nodes.first?.condition("Ready")?["status"] == "Unknown" && nodes.first?.spec["taints"]?.items.count == 2
      }
      await run.wait(.pods, "one left, out of rotation") { pods in
        pods.map(\.name) == ["patient"] && pods.first?.isPodReady == false
      }
    }
  }

  @Test func aTaintWithoutAnAgeEndsPodsInTimeAndTellsThemWhy() async throws {
    var node: JSON = [
      "metadata": ["name": "node-1"], "spec": ["taints": [["key": "evict", "effect": "NoExecute"]]],
    ]
    node.setCondition("Ready", isTrue: true, at: .now)
    run.api.put(.nodes, node)
    let tolerations: JSON = [["operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 1]]
    var pod = Backend.pod("hasty", "10.244.1.2", spec: ["nodeName": "node-1", "tolerations": tolerations])
    pod[path: "metadata", "finalizers"] = ["example.org/wait"]
    run.api.put(.pods, pod)
    try await run([NodeLifecycleController(context: run.context)]) {
      await run.wait(.pods, "told to end") { $0.first?.isTerminating == true }
      let condition = run.api.objects(.pods).first?.condition("DisruptionTarget")
      #expect(condition?["status"] == "True" && condition?["reason"] == "DeletionByTaintManager")
      #expect(condition?["message"] == "Taint manager: deleting due to NoExecute taint")
    }
  }

  @Test func aTaintThatGoesInTimeEndsNobody() async throws {
    var node: JSON = ["metadata": ["name": "node-1"], "spec": [:]]
    node.setCondition("Ready", isTrue: true, at: .now)
    run.api.put(.nodes, node)
    let tolerations: JSON = [["operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300]]
    run.api.put(.pods, Backend.pod("calm", "10.244.1.2", spec: ["nodeName": "node-1", "tolerations": tolerations]))
    try await run([NodeLifecycleController(context: run.context)]) {
      // Nothing shows that the controller has seen the taint: it comes and goes until it has.
      func isCalledOff() -> Bool {
        run.api.objects(.coreEvents).contains { $0["message"] == "Cancelling deletion of Pod default/calm" }
      }
      while !isCalledOff() {
        for taints: JSON in [[["key": "evict", "effect": "NoExecute"]], .null] {
          _ = try await run.client.patch(.nodes, name: "node-1", ["spec": ["taints": taints]])
          try await Task.sleep(for: .milliseconds(100))
        }
      }
      #expect(run.api.objects(.pods).first?.isTerminating == false)
    }
  }

  @Test func ofPodsThatHaveEndedSoManyAreKept() async throws {
    run.api.put(.nodes, ["metadata": ["name": "node-1"]])
    for index in 1...4 {
      var pod = Backend.pod("p\(index)", nil, ready: false, phase: index == 2 ? "Running" : "Succeeded")
      pod[path: "metadata", "creationTimestamp"] = .string("2026-01-0\(index)T00:00:00Z")
      if index == 4 {
        pod[path: "status", "phase"] = "Failed"
        pod[path: "status", "reason"] = "Evicted"
      }
      run.api.put(.pods, pod)
    }
    let surplus = { limit in PodCollector.surplus(of: run.api.objects(.pods), limit: limit).map(\.name) }
    #expect(surplus(3) == [])
    #expect(surplus(1) == ["p4", "p1"])
    try await run([PodCollector(context: run.context, endedLimit: 1, endedInterval: .milliseconds(10))]) {
      await run.wait(.pods, "the last that ended, and the one that runs") { $0.map(\.name).sorted() == ["p2", "p3"] }
    }
  }

  @Test func podsOfAVanishedNodeGo() async throws {
    run.api.put(.nodes, ["metadata": ["name": "node-1"]])
    run.api.put(.pods, Backend.pod("a", "10.244.1.2", spec: ["nodeName": "node-1"]))
    run.api.put(.pods, Backend.pod("b", "10.244.1.3", spec: ["nodeName": "node-2"]))
    try await run([PodCollector(context: run.context, quarantine: .milliseconds(20))]) {
      await run.wait(.pods, "one left") { $0.map(\.name) == ["a"] }
      run.api.remove(.nodes, ObjectName(name: "node-1"))
      await run.wait(.pods, "none left") { $0.isEmpty }
    }
  }
}
