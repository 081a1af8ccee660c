import ClusterModel
import NetworkTypes
import ServicePlan
import Testing

@Suite struct AdoptionTests {
  private static let events: [ClusterEvent] = [
    service("web") { $0.affinitySeconds = 60 }, slice("a", of: "web", ["10.244.1.1", "10.244.2.2", "10.244.2.3"]),
    service("api", "10.96.0.21"), slice("b", of: "api", ["10.244.1.1"]),
  ]

  private func running() -> PlanHarness {
    var harness = PlanHarness()
    for event in Self.events { harness.apply(event) }
    // So that slots are out of order.
    harness.apply(slice("a", of: "web", ["10.244.2.2", "10.244.2.3"]))
    harness.apply(slice("a", of: "web", ["10.244.1.1", "10.244.2.2", "10.244.2.3"]))
    return harness
  }

  @Test func unchangedClusterNeedsNoElement() {
    let before = running()
    var after = PlanHarness(adopting: before.table)
    after.snapshot = before.snapshot
    let delta = after.apply()
    #expect(delta.elementCount == 0)
    #expect(delta.node != nil)
    #expect(after.table == before.table)
  }

  @Test func onlyTheDifferenceIsCorrected() {
    let before = running()
    var after = PlanHarness(adopting: before.table)
    after.snapshot = before.snapshot
    let delta = after.apply(slice("b", of: "api", ["10.244.1.1", "10.244.1.2"]))
    // One slot, the entry out and in, one local address.
    #expect(delta.elementCount == 4)
    #expect(after.endpoints(tcp("10.96.0.21")) == [at("10.244.1.1"), at("10.244.1.2")])
  }

  @Test func newServicesGetIdsNobodyHas() {
    let before = running()
    var after = PlanHarness(adopting: before.table)
    after.snapshot = before.snapshot
    after.apply(service("new", "10.96.0.30"))
    #expect(Set(after.table.services.values.map(\.id)).count == 3)
  }

  @Test func whatNoServiceClaimsGoes() {
    let before = running()
    var after = PlanHarness(adopting: before.table)
    after.apply()
    var empty = ServiceTable()
    empty.nodeAddress = before.table.nodeAddress
    #expect(after.table == empty)
  }

  @Test func damagedTableIsRepaired() {
    let before = running()
    var table = before.table
    let entry = table.services[tcp("10.96.0.20")]!
    // A gap, an orphan, a stranger's entry, a missing entry, a wrong count.
    table.slots[ServiceSlot(id: entry.id, number: 1)] = nil
    table.slots[ServiceSlot(id: 77, number: 0)] = at("10.244.9.9")
    table.affinityEndpoints.insert(AffinityEndpoint(id: 78, endpoint: at("10.244.9.9")))
    table.services[tcp("10.96.0.99")] = ServiceEntry(BackendClass(endpointCount: 3), id: 79)
    table.services[tcp("10.96.0.21")] = nil
    table.localEndpoints = [IPAddress("10.244.1.250")!]
    var after = PlanHarness(adopting: table)
    after.snapshot = before.snapshot
    after.apply()
    #expect(Set(after.table.services.keys) == Set(before.table.services.keys))
    #expect(Set(after.endpoints(tcp("10.96.0.20"))!) == Set(before.endpoints(tcp("10.96.0.20"))!))
    #expect(after.endpoints(tcp("10.96.0.21")) == before.endpoints(tcp("10.96.0.21")))
    #expect(after.table.slots.count == 4)
    #expect(after.table.affinityEndpoints.count == 3)
    #expect(after.table.localEndpoints == before.table.localEndpoints)
  }

  @Test func randomHistoriesLeadToTheSameTableAsAFreshStart() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20 {
      var harness = PlanHarness()
      for _ in 0..<60 {
        let number = Int.random(in: 0..<6, using: &random)
        let addresses = (1...8).filter { _ in Bool.random(using: &random) }.map { "10.244.\($0 % 3).\($0)" }
        switch Int.random(in: 0..<9, using: &random) {
        case 0: harness.apply(.serviceRemoved(serviceName("s\(number)")))
        case 1: harness.apply(service("s\(number)", "10.96.0.\(number)") { $0.affinitySeconds = 30 })
        case 2: harness.apply(service("s\(number)", "10.96.0.\(number / 2)"))
        case 3: harness.apply(service("s\(number)", "10.96.0.\(number)"))
        case 4:
          harness.apply(
            service("s\(number)", "10.96.0.\(number)", ports: [.init(port: 80, nodePort: UInt16(30_000 + number))]) {
              $0.kind = .loadBalancer
              $0.loadBalancerIPs = [IPAddress("192.0.2.\(number / 2)")!]
              $0.externalTrafficIsLocal = Bool.random(using: &random)
              $0.internalTrafficIsLocal = Bool.random(using: &random)
              if Bool.random(using: &random) { $0.loadBalancerSourceRanges = [CIDR("10.\(number).0.0/16")!] }
            })
        default:
          harness.apply(
            slice("s\(number)", of: "s\(number)", addresses) {
              $0.nodeName = CIDR("10.244.1.0/24")!.contains($0.address) ? "node-1" : nil
            })
        }
      }
      var fresh = PlanHarness()
      fresh.snapshot = harness.snapshot
      fresh.apply()
      #expect(fresh.table.services.mapValues(\.backendClass) == harness.table.services.mapValues(\.backendClass))
      #expect(
        fresh.table.insideServices.mapValues(\.backendClass) == harness.table.insideServices.mapValues(\.backendClass))
      #expect(Set(fresh.table.guardedAddresses.keys) == Set(harness.table.guardedAddresses.keys))
      #expect(Set(fresh.table.sourceRanges.map(\.block)) == Set(harness.table.sourceRanges.map(\.block)))
      for address in fresh.table.services.keys {
        #expect(Set(fresh.endpoints(address)!) == Set(harness.endpoints(address)!))
      }
      #expect(fresh.table.slots.count == harness.table.slots.count)
      #expect(fresh.table.affinityEndpoints.count == harness.table.affinityEndpoints.count)
      #expect(fresh.table.localEndpoints == harness.table.localEndpoints)
      var adopting = PlanHarness(adopting: harness.table)
      adopting.snapshot = harness.snapshot
      adopting.apply()
      #expect(adopting.table.services.mapValues(\.backendClass) == harness.table.services.mapValues(\.backendClass))
      #expect(adopting.table.insideServices.keys == harness.table.insideServices.keys)
      #expect(adopting.table.slots.count == harness.table.slots.count)
    }
  }
}
