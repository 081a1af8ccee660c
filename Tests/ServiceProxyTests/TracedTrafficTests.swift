import ClusterModel
import NFTables
import NetworkTypes
import ServicePlan
import SwitchboardTesting
import Testing

/// The cases that ``KernelTrafficTests`` puts to the kernel, put to the plan and to the packet tracer.
@Suite struct TracedTrafficTests {
  @Test(arguments: TrafficCase.all) func tracerAgrees(_ traffic: TrafficCase) throws {
    let tracer = try ServiceTracer(traffic.addresses, traffic.events)
    for question in traffic.questions {
      for transport in [TransportProtocol.tcp, .udp] {
        #expect(
          tracer.fate(question.place, transport, question.target) == question.fate,
          "\(transport) from \(question.place) to \(question.target)")
      }
    }
  }

  @Test(arguments: TrafficCase.all) func planAgrees(_ traffic: TrafficCase) throws {
    let tracer = try ServiceTracer(traffic.addresses, traffic.events)
    for question in traffic.questions {
      let address = ServiceAddress(question.target.address, .tcp, question.target.port)
      switch (tracer.plan.verdict(for: address, from: tracer.source(question.place)), question.fate) {
      case (.refused, .refused), (.dropped, .dropped), (.outOfRange, .dropped): continue
      case (.balanced(_, let endpoints, _), .answered(let wanted, _)): #expect(Set(endpoints) == wanted)
      case (let verdict, let fate): Issue.record("\(verdict), but \(fate): \(question.place) to \(question.target)")
      }
    }
  }

  @Test(arguments: [LabAddresses.v4, .v6]) func invalidPacketsOfPodsAreDropped(_ lab: LabAddresses) throws {
    let tracer = try ServiceTracer(lab, [service("web", lab.service(20)), slice("web", [lab.endpoints[0]])])
    func outcome(
      _ transport: TransportProtocol, _ source: IPAddress, _ target: IPAddress, _ state: TracedPacket.State
    ) -> PacketTrace.Outcome {
      var packet = TracedPacket(transport, from: SocketEndpoint(source, 8080), to: SocketEndpoint(target, 40_000))
      packet.state = state
      packet.inputInterface = 3
      var machine = PacketTracer(tracer.ruleset)
      return machine.trace(packet, at: .forward).outcome
    }
    let far = lab.endpoints[0].address
    #expect(outcome(.tcp, far, lab.pod, .invalid) == .dropped)
    #expect(outcome(.tcp, lab.pod, lab.outside, .invalid) == .dropped)
    #expect(outcome(.tcp, lab.outside, lab.service(20), .invalid) == .dropped)
    // What concerns neither pods of this node nor Services goes its way, and so does all that is in order.
    #expect(outcome(.tcp, far, lab.outside, .invalid) == .passed)
    #expect(outcome(.udp, far, lab.pod, .invalid) == .passed)
    #expect(outcome(.tcp, far, lab.pod, .established) == .passed)
    #expect(outcome(.tcp, far, lab.pod, .new) == .passed)
  }

  @Test func loopbackIsClosedToNeighbours() throws {
    let tracer = try ServiceTracer(.v4, [])
    for (interface, outcome) in [(UInt32(1), PacketTrace.Outcome.passed), (3, .dropped)] {
      var packet = TracedPacket(.tcp, from: at("172.30.0.12", 40_000), to: at("127.0.0.1", 6443))
      packet.inputInterface = interface
      var machine = PacketTracer(tracer.ruleset)
      #expect(machine.trace(packet, at: .prerouting).outcome == outcome)
    }
  }

  @Test func associationsOfSCTPAreBalancedLikeTheRest() throws {
    let lab = LabAddresses.v4
    var slice = EndpointSliceModel(name: name("signal"))
    slice.service = name("signal")
    slice.ports = [.init(transport: .sctp, port: 3868)]
    slice.endpoints = lab.endpoints.prefix(2).map { .init(address: $0.address) }
    let events = [
      service("signal", lab.service(20), ports: [.init(transport: .sctp, port: 3868)]),
      ClusterEvent.endpointSlice(slice),
    ]
    let tracer = try ServiceTracer(lab, events)
    let endpoints = Set(lab.endpoints.prefix(2).map { SocketEndpoint($0.address, 3868) })
    let target = SocketEndpoint(lab.service(20), 3868)
    #expect(tracer.fate(.pod, .sctp, target) == .answered(by: endpoints, seenAs: lab.pod))
    #expect(tracer.fate(.pod, .tcp, target) == .refused)
  }
}
