import ClusterModel
import KubernetesAPI
import NetworkTypes
import ServicePlan
import Testing

@Suite struct ServicePlanTests {
  @Test func serviceLeadsToItsReadyEndpoints() {
    var harness = PlanHarness()
    harness.apply(service("web"), slice("web-1", of: "web", ["10.244.1.5", "10.244.2.5"]))
    #expect(harness.endpoints(tcp("10.96.0.20")) == [at("10.244.1.5"), at("10.244.2.5")])
    #expect(harness.table.localEndpoints == [IPAddress("10.244.1.5")!])
    #expect(harness.table.nodeAddress == IPAddress("172.30.0.11")!)
  }

  @Test func serviceWithoutEndpointsIsRefused() {
    var harness = PlanHarness()
    harness.apply(service("web"))
    #expect(harness.endpoints(tcp("10.96.0.20")) == [])
    #expect(harness.plan.verdict(for: tcp("10.96.0.20")).description.contains("refused"))
    #expect(harness.plan.verdict(for: tcp("10.96.0.21")) == .noService)
  }

  @Test func leaverCostsOneSlotAndTheCount() {
    var harness = PlanHarness()
    let all = (1...10).map { "10.244.2.\($0)" }
    harness.apply(service("web"), slice("web-1", of: "web", all))
    let delta = harness.apply(slice("web-1", of: "web", all.filter { $0 != "10.244.2.3" }))
    #expect(delta.slots.removed.count == 2)
    #expect(delta.slots.added.count == 1)
    #expect(delta.services.count == 2)
    #expect(delta.elementCount == 5)
    #expect(Set(harness.endpoints(tcp("10.96.0.20")) ?? []).count == 9)
    // The id stays, so that nothing else of the Service has to change.
    #expect(harness.endpoints(tcp("10.96.0.20"))?[2] == at("10.244.2.10"))
  }

  @Test func replacedEndpointKeepsTheEntry() {
    var harness = PlanHarness()
    harness.apply(service("web"), slice("web-1", of: "web", ["10.244.2.1", "10.244.2.2"]))
    let delta = harness.apply(slice("web-1", of: "web", ["10.244.2.1", "10.244.2.9"]))
    #expect(delta.services.count == 0)
    #expect(delta.slots.count == 2)
  }

  @Test func changeThatChangesNothingIsEmpty() {
    var harness = PlanHarness()
    harness.apply(service("web"), slice("web-1", of: "web", ["10.244.2.1"]))
    // Another field of the endpoint; the proxy does not care for it.
    let delta = harness.apply(slice("web-1", of: "web", ["10.244.2.1"]) { $0.zone = "somewhere" })
    #expect(delta.isEmpty)
  }

  @Test func costDoesNotGrowWithTheCluster() {
    var harness = PlanHarness()
    for index in 0..<300 {
      harness.apply(
        service("s\(index)", "10.96.\(1 + index / 200).\(index % 200)"),
        slice("s\(index)-1", of: "s\(index)", ["10.244.2.1", "10.244.2.2"]))
    }
    let delta = harness.apply(slice("s7-1", of: "s7", ["10.244.2.1"]))
    #expect(delta.elementCount == 3)
  }

  @Test func namedPortsAreResolvedBySlice() {
    var harness = PlanHarness()
    harness.apply(
      service("web", ports: [.init(name: "http", port: 80), .init(name: "admin", port: 81)]),
      slice(
        "a", of: "web", ["10.244.2.1"], ports: [.init(name: "http", port: 8080), .init(name: "admin", port: 9000)]),
      slice("b", of: "web", ["10.244.2.2"], ports: [.init(name: "http", port: 8081), .init(name: "admin", port: nil)]))
    #expect(harness.endpoints(tcp("10.96.0.20")) == [at("10.244.2.1"), at("10.244.2.2", 8081)])
    #expect(harness.endpoints(tcp("10.96.0.20", 81)) == [at("10.244.2.1", 9000)])
  }

  @Test func sameNumberOverBothProtocols() {
    var harness = PlanHarness()
    harness.apply(
      service(
        "dns", ports: [.init(name: "t", transport: .tcp, port: 53), .init(name: "u", transport: .udp, port: 53)]),
      slice(
        "a", of: "dns", ["10.244.2.1"],
        ports: [.init(name: "t", transport: .tcp, port: 5353), .init(name: "u", transport: .udp, port: 5354)]))
    #expect(harness.endpoints(tcp("10.96.0.20", 53)) == [at("10.244.2.1", 5353)])
    #expect(harness.endpoints(udp("10.96.0.20", 53)) == [at("10.244.2.1", 5354)])
  }

  @Test func terminatingEndpointsServeOnlyWhereNoneIsReady() {
    var harness = PlanHarness()
    let draining: (inout EndpointSliceModel.Endpoint) -> Void = {
      $0.isReady = false
      $0.isTerminating = true
    }
    harness.apply(
      service("web"), slice("a", of: "web", ["10.244.2.1"]), slice("b", of: "web", ["10.244.2.2"], draining))
    #expect(harness.endpoints(tcp("10.96.0.20")) == [at("10.244.2.1")])
    harness.apply(
      slice("a", of: "web", ["10.244.2.1"]) {
        $0.isReady = false
        $0.isServing = false
      })
    #expect(harness.endpoints(tcp("10.96.0.20")) == [at("10.244.2.2")])
  }

  @Test func endpointInTwoSlicesCountsOnceAndReadyWins() {
    var harness = PlanHarness()
    harness.apply(
      service("web"), slice("a", of: "web", ["10.244.2.1"]) { $0.isReady = false },
      slice("b", of: "web", ["10.244.2.1"]))
    #expect(harness.endpoints(tcp("10.96.0.20")) == [at("10.244.2.1")])
  }

  @Test func nonsenseAddressesAreNoEndpoints() {
    var harness = PlanHarness()
    harness.apply(
      service("web"), slice("a", of: "web", ["127.0.0.1", "169.254.1.1", "224.0.0.1", "0.0.0.0", "10.244.2.1"]))
    #expect(harness.endpoints(tcp("10.96.0.20")) == [at("10.244.2.1")])
  }

  @Test func servicesOfOthersAreLeftAlone() {
    var harness = PlanHarness(exempt: [IPAddress("10.96.0.10")!])
    harness.apply(
      service("kube-dns", "10.96.0.11") { $0.foreignProxyName = "switchboard-dns" },
      service("headless") {
        $0.isHeadless = true
        $0.clusterIPs = []
      },
      service("outside") { $0.kind = .externalName })
    #expect(harness.table.services.isEmpty)
    #expect(harness.table.exemptAddresses == [IPAddress("10.96.0.10")!, IPAddress("10.96.0.11")!])
    harness.apply(service("kube-dns", "10.96.0.11"))
    #expect(harness.table.exemptAddresses == [IPAddress("10.96.0.10")!])
    #expect(harness.endpoints(tcp("10.96.0.11")) == [])
  }

  @Test func rangesThatComeLaterAreToldToTheRulesAndTouchNoService() {
    var harness = PlanHarness()
    harness.apply(
      service("web", ports: [.init(port: 80, nodePort: 30080)]) { _ in }, slice("a", of: "web", ["10.244.2.1"]))
    let blocks = [CIDR("10.201.0.0/24")!, CIDR("fd00:201::/112")!]
    let delta = harness.apply(.serviceRange("added", blocks))
    #expect(delta.node?.serviceBlocks == [blocks[0]])
    #expect(delta.elementCount == 0 && delta.changedFlowAddresses.isEmpty)
    #expect(harness.apply(.serviceRange("added", blocks)).isEmpty)
    #expect(harness.apply(.serviceRangeRemoved("added")).node?.serviceBlocks == [])
  }

  @Test func nodePortsAndOutsideAddressesShareTheSlots() {
    var harness = PlanHarness()
    let edit: (inout ServiceModel) -> Void = {
      $0.kind = .loadBalancer
      $0.externalIPs = [IPAddress("192.0.2.1")!]
      $0.loadBalancerIPs = [IPAddress("192.0.2.2")!]
    }
    harness.apply(
      service("web", ports: [.init(port: 80, nodePort: 30080)], edit), slice("a", of: "web", ["10.244.2.1"]))
    let addresses = [tcp("10.96.0.20"), tcp("192.0.2.1"), tcp("192.0.2.2"), tcp("172.30.0.11", 30080)]
    #expect(Set(harness.table.services.keys) == Set(addresses))
    #expect(Set(harness.table.services.values.map(\.id)).count == 1)
    #expect(harness.table.slots.count == 1)
    // The node gets another address.
    var node = NodeModel(name: "node-1")
    node.addresses = [IPAddress("172.30.0.99")!]
    harness.apply(.node(node))
    #expect(harness.endpoints(tcp("172.30.0.99", 30080)) == [at("10.244.2.1")])
    #expect(harness.endpoints(tcp("172.30.0.11", 30080)) == nil)
  }

  @Test func addressMovesBetweenServices() {
    var harness = PlanHarness()
    harness.apply(
      service("a"), slice("a", of: "a", ["10.244.2.1"]), service("b", "10.96.0.21"),
      slice("b", of: "b", ["10.244.2.2"]))
    // While both claim it, the first by name has it.
    harness.apply(service("b", "10.96.0.20"))
    #expect(harness.endpoints(tcp("10.96.0.20")) == [at("10.244.2.1")])
    harness.apply(.serviceRemoved(serviceName("a")), .endpointSliceRemoved(serviceName("a")))
    #expect(harness.endpoints(tcp("10.96.0.20")) == [at("10.244.2.2")])
    #expect(harness.table.slots.count == 1)
  }

  @Test func affinityNamesItsEndpointsAndItsTime() {
    var harness = PlanHarness()
    harness.apply(
      service("web") { $0.affinitySeconds = 60 }, slice("a", of: "web", ["10.244.2.1", "10.244.2.2"]))
    let entry = harness.table.services[tcp("10.96.0.20")]
    #expect(entry?.backendClass == BackendClass(endpointCount: 2, affinitySeconds: 60))
    #expect(harness.table.affinityEndpoints.count == 2)
    harness.apply(slice("a", of: "web", ["10.244.2.2"]))
    #expect(harness.table.affinityEndpoints == [AffinityEndpoint(id: entry!.id, endpoint: at("10.244.2.2"))])
    harness.apply(service("web"))
    #expect(harness.table.affinityEndpoints.isEmpty)
    #expect(harness.table.services[tcp("10.96.0.20")]?.backendClass == BackendClass(endpointCount: 1))
  }

  @Test func protocolTheKernelCannotTranslateIsRefused() {
    var harness = PlanHarness(carriesSCTP: false)
    harness.apply(
      service("signal", ports: [.init(transport: .sctp, port: 3868)]),
      slice("a", of: "signal", ["10.244.2.1"], ports: [.init(transport: .sctp, port: 3868)]))
    #expect(harness.endpoints(ServiceAddress(IPAddress("10.96.0.20")!, .sctp, 3868)) == [])
  }

  @Test func udpFlowsAreToBeSweptWhenAnEndpointLeaves() {
    var harness = PlanHarness()
    let ports: [EndpointSliceModel.Port] = [.init(transport: .udp, port: 53)]
    harness.apply(
      service("dns", ports: [.init(transport: .udp, port: 53)]),
      slice("a", of: "dns", ["10.244.2.1", "10.244.2.2"], ports: ports))
    let address = udp("10.96.0.20", 53)
    #expect(
      harness.apply(slice("a", of: "dns", ["10.244.2.1", "10.244.2.2", "10.244.2.3"], ports: ports))
        .addressesWithStaleFlows.isEmpty)
    // A draining endpoint keeps its flows.
    #expect(
      harness.apply(
        slice("a", of: "dns", ["10.244.2.2", "10.244.2.3"], ports: ports),
        slice("b", of: "dns", ["10.244.2.1"], ports: ports) {
          $0.isReady = false
          $0.isTerminating = true
        }
      ).addressesWithStaleFlows.isEmpty)
    #expect(
      harness.plan.flowPolicy(for: address).allows(client: IPAddress("10.244.1.9")!, answerSource: at("10.244.2.1", 53))
    )
    #expect(harness.apply(.endpointSliceRemoved(serviceName("b"))).addressesWithStaleFlows == [address])
    #expect(
      !harness.plan.flowPolicy(for: address).allows(
        client: IPAddress("10.244.1.9")!, answerSource: at("10.244.2.1", 53)))
    #expect(harness.apply(.serviceRemoved(serviceName("dns"))).addressesWithStaleFlows == [address])
    #expect(
      !harness.plan.flowPolicy(for: address).allows(
        client: IPAddress("10.244.1.9")!, answerSource: at("10.244.2.2", 53)))
    #expect(
      harness.plan.flowPolicy(for: address).allows(client: IPAddress("10.244.1.9")!, answerSource: at("10.96.0.20", 53))
    )
  }

  @Test func removedServiceLeavesNothingBehind() {
    var harness = PlanHarness()
    harness.apply(
      service("web") { $0.affinitySeconds = 60 }, slice("a", of: "web", ["10.244.1.1", "10.244.2.2"]))
    harness.apply(.serviceRemoved(serviceName("web")), .endpointSliceRemoved(serviceName("a")))
    var empty = ServiceTable()
    empty.nodeAddress = harness.table.nodeAddress
    #expect(harness.table == empty)
  }
}
