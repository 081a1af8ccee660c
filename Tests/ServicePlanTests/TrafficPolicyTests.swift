import ClusterModel
import NetworkTypes
import ServicePlan
import Testing

@Suite struct TrafficPolicyTests {
  private let here = "10.244.1.5"
  private let there = "10.244.2.5"
  private let vip = tcp("192.0.2.2")
  private let nodePort = tcp("172.30.0.11", 30080)

  private func balanced(_ edit: (inout ServiceModel) -> Void = { _ in }) -> ClusterEvent {
    service("web", ports: [.init(port: 80, nodePort: 30080)]) {
      $0.kind = .loadBalancer
      $0.loadBalancerIPs = [IPAddress("192.0.2.2")!]
      edit(&$0)
    }
  }

  private func slices(
    _ addresses: [String], _ edit: (inout EndpointSliceModel.Endpoint) -> Void = { _ in }
  )
    -> ClusterEvent
  {
    slice("web-1", of: "web", addresses) {
      $0.nodeName = $0.address == IPAddress("10.244.1.5") ? "node-1" : "node-2"
      edit(&$0)
    }
  }

  @Test func eachSetOfEndpointsHasOneID() {
    var harness = PlanHarness()
    harness.apply(balanced { $0.externalTrafficIsLocal = true }, slices([here, there]))
    let table = harness.table
    let cluster = table.services[tcp("10.96.0.20")]
    let local = table.services[vip]
    #expect(cluster?.backendClass.endpointCount == 2)
    #expect(local?.backendClass.endpointCount == 1)
    #expect(table.services[nodePort] == local)
    #expect(table.insideServices == [vip: cluster!, nodePort: cluster!])
    #expect(cluster?.id != local?.id)
    #expect(table.slots.count == 3)
    #expect(table.services.values.allSatisfy { !$0.isMasqueraded })
    // An endpoint elsewhere comes: one slot, and the entries of its set. The local set stays untouched.
    let delta = harness.apply(slices([here, there, "10.244.2.6"]))
    #expect(delta.slots.count == 1)
    #expect(delta.services.count == 2)
    #expect(delta.insideServices.count == 4)
    // Back to the whole cluster: the local set goes, and clients outside are masqueraded.
    harness.apply(balanced())
    #expect(harness.table.insideServices.isEmpty)
    #expect(harness.table.slots.count == 3)
    #expect(harness.table.services[vip]?.isMasqueraded == true)
    #expect(harness.table.services[tcp("10.96.0.20")]?.isMasqueraded == false)
  }

  @Test func trafficThatStaysLocalIsDroppedWhereNoneIsHere() {
    var harness = PlanHarness()
    harness.apply(
      balanced {
        $0.externalTrafficIsLocal = true
        $0.internalTrafficIsLocal = true
      }, slices([there]))
    #expect(harness.table.services[vip]?.backendClass == .dropping)
    #expect(harness.table.services[tcp("10.96.0.20")]?.backendClass == .dropping)
    #expect(harness.table.insideServices[vip]?.backendClass == BackendClass(endpointCount: 1))
    #expect(harness.plan.portsWithoutLocalEndpoints == (1, 1))
    harness.apply(slices([]))
    #expect(harness.table.services[vip]?.backendClass == .refusing)
    #expect(harness.plan.portsWithoutLocalEndpoints == (0, 0))
  }

  /// Local and cluster-wide fallback are decided apart.
  @Test func terminatingEndpointsHereServeWhereNoneHereIsReady() {
    var harness = PlanHarness()
    harness.apply(
      balanced { $0.externalTrafficIsLocal = true },
      slices([here, there]) {
        $0.isReady = $0.address == IPAddress("10.244.2.5")
        $0.isTerminating = !$0.isReady
      })
    #expect(harness.endpoints(vip) == [at(here)])
    #expect(harness.endpoints(tcp("10.96.0.20")) == [at(there)])
  }

  @Test func zoneOfTheNodeDecidesWithHints() {
    var harness = PlanHarness()
    harness.apply(
      service("web"),
      slice("web-1", of: "web", [here, there]) {
        $0.zoneHints = [$0.address == IPAddress("10.244.1.5") ? "a" : "b"]
      })
    #expect(harness.endpoints(tcp("10.96.0.20")) == [at(here), at(there)])
    var node = NodeModel(name: "node-1")
    node.addresses = [IPAddress("172.30.0.11")!]
    node.podCIDRs = [CIDR("10.244.1.0/24")!]
    node.zone = "b"
    let delta = harness.apply(.node(node))
    #expect(harness.endpoints(tcp("10.96.0.20")) == [at(there)])
    #expect(delta.node == nil)
    // Flows to the one that is out of favour go on.
    #expect(delta.addressesWithStaleFlows.isEmpty)
  }

  @Test func flowsKnowTheirClients() {
    var harness = PlanHarness()
    let ports: [EndpointSliceModel.Port] = [.init(transport: .udp, port: 53)]
    harness.apply(
      service("dns", ports: [.init(transport: .udp, port: 53, nodePort: 30053)]) {
        $0.kind = .nodePort
        $0.externalTrafficIsLocal = true
      },
      slice("a", of: "dns", [here, there], ports: ports) {
        $0.nodeName = $0.address == IPAddress("10.244.1.5") ? "node-1" : "node-2"
      })
    let policy = harness.plan.flowPolicy(for: udp("172.30.0.11", 30053))
    for (client, isInside) in [("10.244.1.9", true), ("172.30.0.11", true), ("192.0.2.9", false)] {
      #expect(policy.allows(client: IPAddress(client)!, answerSource: at(here, 53)))
      #expect(policy.allows(client: IPAddress(client)!, answerSource: at(there, 53)) == isInside)
    }
    let cluster = harness.plan.flowPolicy(for: udp("10.96.0.20", 53))
    #expect(cluster.allows(client: IPAddress("192.0.2.9")!, answerSource: at(there, 53)))
  }

  @Test func sourceRangesAreKeptOnceForAllPorts() {
    var harness = PlanHarness()
    let ranges = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "2001:db8::/32"].map { CIDR($0)! }
    let ports = (1...3).map { ServiceModel.Port(name: "p\($0)", port: UInt16($0)) }
    func event(_ ranges: [CIDR]) -> ClusterEvent {
      service("web", ports: ports) {
        $0.kind = .loadBalancer
        $0.loadBalancerIPs = [IPAddress("192.0.2.2")!]
        $0.loadBalancerSourceRanges = ranges
      }
    }
    harness.apply(event(ranges))
    // Blocks within others say nothing more; those of the other family are not for this table.
    #expect(harness.table.sourceRanges.map(\.block) == [CIDR("10.0.0.0/8")!])
    #expect(Set(harness.table.guardedAddresses.keys) == Set((1...3).map { tcp("192.0.2.2", $0) }))
    #expect(Set(harness.table.guardedAddresses.values) == Set(harness.table.sourceRanges.map(\.group)))
    // The node itself is within: it may come with the address it calls as its own.
    let delta = harness.apply(event([CIDR("172.30.0.0/24")!]))
    #expect(Set(harness.table.sourceRanges.map(\.block)) == [CIDR("172.30.0.0/24")!, CIDR("192.0.2.2/32")!])
    #expect(delta.guardedAddresses.count == 0)
    harness.apply(event([]))
    #expect(harness.table.sourceRanges.isEmpty)
    #expect(harness.table.guardedAddresses.isEmpty)
  }

  @Test func rangesOfTheOtherFamilyOnlyGuardNothing() {
    var harness = PlanHarness()
    harness.apply(balanced { $0.loadBalancerSourceRanges = [CIDR("2001:db8::/32")!] })
    #expect(harness.table.guardedAddresses.isEmpty)
  }

  @Test func adoptionOfPoliciesNeedsNoElement() {
    var before = PlanHarness()
    before.apply(
      balanced {
        $0.externalTrafficIsLocal = true
        $0.affinitySeconds = 60
        $0.loadBalancerSourceRanges = [CIDR("10.0.0.0/8")!, CIDR("172.30.0.0/24")!]
      }, slices([here, there]))
    var after = PlanHarness(adopting: before.table)
    after.snapshot = before.snapshot
    #expect(after.apply().elementCount == 0)
    #expect(after.table == before.table)
    // Without the Service everything of it goes.
    var empty = PlanHarness(adopting: before.table)
    empty.apply()
    var nothing = ServiceTable()
    nothing.nodeAddress = before.table.nodeAddress
    #expect(empty.table == nothing)
  }

  @Test func labelsTakeAServiceOutAndBackIn() {
    var harness = PlanHarness()
    harness.apply(service("web"), slices([here]))
    harness.apply(service("web") { $0.hasHeadlessLabel = true })
    #expect(harness.table.services.isEmpty)
    #expect(harness.table.slots.isEmpty)
    #expect(harness.table.exemptAddresses == [IPAddress("10.96.0.20")!])
    harness.apply(service("web"))
    #expect(harness.endpoints(tcp("10.96.0.20")) == [at(here)])
    #expect(harness.table.exemptAddresses.isEmpty)
  }

  @Test func healthCheckCountsReadyEndpointsHere() {
    var model = ServiceModel(name: serviceName("web"))
    model.healthCheckNodePort = 32000
    func count(_ endpoints: [(String, Bool, String?)]) -> Int? {
      var slice = EndpointSliceModel(name: serviceName("a"))
      slice.endpoints = endpoints.map { address, isReady, node in
        var endpoint = EndpointSliceModel.Endpoint(address: IPAddress(address)!)
        endpoint.isReady = isReady
        endpoint.nodeName = node
        return endpoint
      }
      return HealthCheck(model, slices: [slice], node: "node-1")?.localEndpoints
    }
    #expect(count([]) == 0)
    #expect(count([(here, true, "node-1"), (here, true, "node-1"), ("10.244.1.6", false, "node-1")]) == 1)
    #expect(count([(there, true, "node-2"), ("10.244.1.7", true, nil)]) == 0)
    model.healthCheckNodePort = nil
    #expect(count([(here, true, "node-1")]) == nil)
  }
}
