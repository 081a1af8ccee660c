import ClusterModel
import NetworkTypes
import ServicePlan
import Testing

@Suite struct HostPortTests {
  private func pod(_ name: String, _ address: String?, _ ports: PodModel.HostPort...) -> ClusterEvent {
    var model = PodModel(name: serviceName(name))
    model.nodeName = "node-1"
    model.addresses = address.map { [IPAddress($0)!] } ?? []
    model.hostPorts = ports
    return .pod(model)
  }

  @Test func portIsReachedAtEveryAddressOfTheNode() {
    var harness = PlanHarness()
    harness.apply(pod("web", nil, .init(.tcp, 8000, to: 80)))
    #expect(harness.table.services.isEmpty)
    harness.apply(pod("web", "10.244.1.5", .init(.tcp, 8000, to: 80)))
    #expect(Set(harness.table.services.keys) == [tcp("172.30.0.11", 8000), tcp("127.0.0.1", 8000)])
    #expect(harness.endpoints(tcp("127.0.0.1", 8000)) == [at("10.244.1.5", 80)])
    #expect(harness.table.services.values.allSatisfy { !$0.isMasqueraded })
    // The pod may call itself this way.
    #expect(harness.table.localEndpoints == [IPAddress("10.244.1.5")!])
    var node = NodeModel(name: "node-1")
    node.addresses = [IPAddress("172.30.0.99")!]
    harness.apply(.node(node))
    #expect(harness.endpoints(tcp("172.30.0.99", 8000)) == [at("10.244.1.5", 80)])
    harness.apply(.podRemoved(serviceName("web")))
    #expect(harness.table.services.isEmpty)
    #expect(harness.table.slots.isEmpty)
  }

  @Test func addressAndProtocolTellPortsApart() {
    var harness = PlanHarness()
    let node = IPAddress("172.30.0.11")!
    harness.apply(
      pod("a", "10.244.1.5", .init(.tcp, 8000, to: 80, at: IPAddress("127.0.0.1"))),
      pod("b", "10.244.1.6", .init(.tcp, 8000, to: 80, at: node)),
      pod("c", "10.244.1.7", .init(.udp, 8000, to: 80, at: node)),
      pod("d", "10.244.1.8", .init(.tcp, 8001, to: 80, at: IPAddress("::"))))
    #expect(harness.endpoints(tcp("127.0.0.1", 8000)) == [at("10.244.1.5", 80)])
    #expect(harness.endpoints(tcp("172.30.0.11", 8000)) == [at("10.244.1.6", 80)])
    #expect(harness.endpoints(udp("172.30.0.11", 8000)) == [at("10.244.1.7", 80)])
    #expect(harness.table.services.count == 3)
  }

  @Test func finishedAndForeignPodsHaveNone() {
    var harness = PlanHarness()
    var model = PodModel(name: serviceName("job"))
    model.nodeName = "node-1"
    model.addresses = [IPAddress("10.244.1.5")!]
    model.hostPorts = [.init(.tcp, 8000, to: 80)]
    harness.apply(.pod(model))
    #expect(harness.table.services.count == 2)
    model.hasFinished = true
    harness.apply(.pod(model))
    #expect(harness.table.services.isEmpty)
    model.hasFinished = false
    model.nodeName = "node-2"
    harness.apply(.pod(model))
    #expect(harness.table.services.isEmpty)
  }

  @Test func serviceHasItsNodePortBeforeAPod() {
    var harness = PlanHarness()
    harness.apply(
      pod("web", "10.244.1.5", .init(.tcp, 30080, to: 80)),
      service("web", ports: [.init(port: 80, nodePort: 30080)]) { $0.kind = .nodePort },
      slice("a", of: "web", ["10.244.2.1"]))
    #expect(harness.endpoints(tcp("172.30.0.11", 30080)) == [at("10.244.2.1")])
    harness.apply(.serviceRemoved(serviceName("web")))
    #expect(harness.endpoints(tcp("172.30.0.11", 30080)) == [at("10.244.1.5", 80)])
  }

  @Test func adoptionKeepsThem() {
    var before = PlanHarness()
    before.apply(pod("web", "10.244.1.5", .init(.tcp, 8000, to: 80)))
    var after = PlanHarness(adopting: before.table)
    after.snapshot = before.snapshot
    #expect(after.apply().elementCount == 0)
  }
}
