import ClusterModel
import LinuxKernel
import NetworkTypes
import ServiceProxy
import SwitchboardTesting
import Synchronization
import Testing

@Suite(.serialized) final class KernelServiceProxyTests {
  let lab: ServiceLab
  let address = at("10.96.0.20")

  init() throws { lab = try ServiceLab() }

  private func ask(_ transport: TransportProtocol, _ target: SocketEndpoint, times: Int = 1) throws -> [ProbeResult] {
    try lab.pod.run { (0..<times).map { _ in Probe.ask(transport, target) } }
  }

  private let nextPort = Atomic<UInt16>(20_000)

  /// Forty flows. A kernel-chosen port may be one of before, whose UDP flow would go on where it was.
  private func askFromNewPorts(_ transport: TransportProtocol) throws -> [ProbeResult] {
    try lab.pod.run {
      try (0..<40).map { _ in
        let port = nextPort.add(1, ordering: .relaxed).newValue
        return try Probe(transport, from: SocketEndpoint(ServiceLab.podAddress, port)).ask(address)
      }
    }
  }

  @Test(arguments: [TransportProtocol.tcp, .udp])
  func everyEndpointTakesItsShare(transport: TransportProtocol) async throws {
    lab.feed.apply([
      service("web", ports: bothProtocols), slice("web", Array(ServiceLab.endpoints.prefix(3))),
    ])
    try await lab.withProxy { _ async throws in
      let results = try ask(transport, address, times: 900)
      let shares = Dictionary(grouping: results, by: \.endpoint).mapValues(\.count)
      #expect(Set(shares.keys) == Set(ServiceLab.endpoints.prefix(3)))
      // Five standard deviations (14 each) around 300.
      #expect(shares.values.allSatisfy { (230...370).contains($0) }, "\(shares)")
      // A pod keeps its address.
      #expect(Set(results.map(\.seenAs)) == [ServiceLab.podAddress])
    }
  }

  @Test func whatNoEndpointServesIsRefusedAtOnce() async throws {
    lab.feed.apply([service("web", ports: bothProtocols)])
    try await lab.withProxy { proxy async throws in
      let clock = ContinuousClock()
      for target in [address, at("10.96.0.20", 81), at("10.111.1.1")] {
        for transport in [TransportProtocol.tcp, .udp] {
          let start = clock.now
          #expect(try ask(transport, target) == [.refused], "\(target)")
          #expect(clock.now - start < .seconds(1))
        }
        // The node's own processes: ICMP refusals do not reach a local UDP socket, EPERM does.
        #expect(try lab.node.run { Probe.ask(.tcp, target) } == .refused)
        #expect(try lab.node.run { Probe.ask(.udp, target) } == .failed(1))
      }
      lab.feed.apply([slice("web", [ServiceLab.endpoints[0]])])
      await proxy.sync()
      #expect(try ask(.tcp, address)[0].endpoint == ServiceLab.endpoints[0])
      lab.feed.apply([slice("web", [])])
      await proxy.sync()
      #expect(try ask(.tcp, address) == [.refused])
    }
  }

  @Test func clusterDNSIsLeftAlone() async throws {
    lab.feed.apply([service("kube-dns", "10.96.0.10") { $0.foreignProxyName = "switchboard-dns" }])
    try await lab.withProxy { _ async throws in
      for transport in [TransportProtocol.tcp, .udp] {
        #expect(try ask(transport, ServiceLab.clusterDNS)[0].endpoint == ServiceLab.clusterDNS)
        #expect(try lab.node.run { Probe.ask(transport, ServiceLab.clusterDNS) }.endpoint == ServiceLab.clusterDNS)
      }
    }
  }

  @Test func podReachesItselfThroughItsService() async throws {
    lab.feed.apply([
      service("web", ports: bothProtocols), slice("web", [SocketEndpoint(ServiceLab.podAddress, 8080)]),
    ])
    try await lab.withProxy { _ async throws in
      for transport in [TransportProtocol.tcp, .udp] {
        for result in try ask(transport, address, times: 20) {
          #expect(
            result
              == .answered(by: SocketEndpoint(ServiceLab.podAddress, 8080), seenAs: ServiceLab.nodeAddress))
        }
      }
    }
  }

  @Test func nodeReachesServices() async throws {
    lab.feed.apply([
      service("web", ports: bothProtocols), slice("web", Array(ServiceLab.endpoints.prefix(2))),
      service("kubernetes", "10.96.0.1", ports: [.init(port: 443)]),
      slice("kubernetes", [SocketEndpoint(ServiceLab.nodeAddress, 6443)]),
      service("local", "10.96.0.30"), slice("local", [SocketEndpoint(ServiceLab.podAddress, 8080)]),
    ])
    try await lab.withProxy { _ async throws in
      for transport in [TransportProtocol.tcp, .udp] {
        let results = try lab.node.run { (0..<40).map { _ in Probe.ask(transport, address) } }
        #expect(Set(results.map(\.endpoint)) == Set(ServiceLab.endpoints.prefix(2)))
        #expect(Set(results.map(\.seenAs)) == [ServiceLab.nodeAddress])
      }
      // A server on the node itself, from the node and from a pod.
      let server = SocketEndpoint(ServiceLab.nodeAddress, 6443)
      #expect(try lab.node.run { Probe.ask(.tcp, at("10.96.0.1", 443)) }.endpoint == server)
      #expect(
        try ask(.tcp, at("10.96.0.1", 443)) == [.answered(by: server, seenAs: ServiceLab.podAddress)])
      #expect(try lab.node.run { Probe.ask(.tcp, at("10.96.0.30")) }.endpoint?.address == ServiceLab.podAddress)
    }
  }

  @Test func nodePortsAndOutsideAddressesWork() async throws {
    let edit: (inout ServiceModel) -> Void = {
      $0.kind = .nodePort
      $0.externalIPs = [IPAddress("192.0.2.1")!]
    }
    let here = SocketEndpoint(ServiceLab.podAddress, 8080)
    lab.feed.apply([
      service("far", ports: [.init(port: 80, nodePort: 30080)], edit), slice("far", [ServiceLab.endpoints[0]]),
      service("near", "10.96.0.21", ports: [.init(port: 81, nodePort: 30081)], edit), slice("near", [here]),
    ])
    try await lab.withProxy { _ async throws in
      // Clients outside appear as the node, wherever the endpoint is.
      for (target, result) in [
        (at("172.30.0.11", 30080), ProbeResult.answered(by: ServiceLab.endpoints[0], seenAs: ServiceLab.nodeAddress)),
        (at("192.0.2.1", 80), .answered(by: ServiceLab.endpoints[0], seenAs: ServiceLab.nodeAddress)),
        (at("10.96.0.20", 80), .answered(by: ServiceLab.endpoints[0], seenAs: ServiceLab.nodeAddress)),
        (at("172.30.0.11", 30081), .answered(by: here, seenAs: ServiceLab.nodeAddress)),
        (at("192.0.2.1", 81), .answered(by: here, seenAs: ServiceLab.nodeAddress)),
      ] {
        #expect(try lab.outside.run { Probe.ask(.tcp, target) } == result, "\(target)")
      }
      // Pods that come to an address for the outside too; a pod reaches itself.
      #expect(
        try ask(.tcp, at("172.30.0.11", 30080))
          == [.answered(by: ServiceLab.endpoints[0], seenAs: ServiceLab.nodeAddress)])
      #expect(try ask(.tcp, at("172.30.0.11", 30081))[0].endpoint == here)
      #expect(try lab.node.run { Probe.ask(.tcp, at("172.30.0.11", 30080)) }.endpoint == ServiceLab.endpoints[0])
    }
  }

  @Test func clientsStayWithTheirEndpoint() async throws {
    let edit: (inout ServiceModel) -> Void = { $0.affinitySeconds = 600 }
    lab.feed.apply([service("web", ports: bothProtocols, edit), slice("web", ServiceLab.endpoints)])
    try await lab.withProxy { proxy async throws in
      for transport in [TransportProtocol.tcp, .udp] {
        let chosen = Set(try askFromNewPorts(transport).map(\.endpoint))
        #expect(chosen.count == 1)
        // Its endpoint leaves: another, and that one for good.
        let rest = ServiceLab.endpoints.filter { !chosen.contains($0) }
        lab.feed.apply([slice("web", rest)])
        await proxy.sync()
        let next = Set(try askFromNewPorts(transport).map(\.endpoint))
        #expect(next.count == 1)
        #expect(next.isDisjoint(with: chosen))
        lab.feed.apply([slice("web", ServiceLab.endpoints)])
        await proxy.sync()
        #expect(Set(try askFromNewPorts(transport).map(\.endpoint)) == next)
      }
      lab.feed.apply([service("web", ports: bothProtocols)])
      await proxy.sync()
      #expect(Set(try ask(.tcp, address, times: 100).map(\.endpoint)).count > 5)
    }
  }

  @Test func udpFlowIsLedAwayFromAnEndpointThatLeft() async throws {
    lab.feed.apply([service("web", ports: bothProtocols), slice("web", [ServiceLab.endpoints[0]])])
    try await lab.withProxy { proxy async throws in
      // One socket keeps its port, as a resolver or a log shipper does.
      let client = try lab.pod.run { Shared(try Probe(.udp, patience: .milliseconds(300))) }
      #expect(client.probe.ask(address).endpoint == ServiceLab.endpoints[0])
      lab.feed.apply([slice("web", [ServiceLab.endpoints[1]])])
      await proxy.sync()
      #expect(await client.eventually(address, ServiceLab.endpoints[1]))
      // None is left: refused; then there is one again.
      lab.feed.apply([slice("web", [])])
      await proxy.sync()
      #expect(await client.eventually(address, nil))
      lab.feed.apply([slice("web", [ServiceLab.endpoints[2]])])
      await proxy.sync()
      #expect(await client.eventually(address, ServiceLab.endpoints[2]))
    }
  }
}

/// A probe that closures share.
final class Shared: Sendable {
  let probe: Probe
  init(_ probe: consuming Probe) { self.probe = probe }

  /// Asks until the endpoint answers (or, for `nil`, the flow is refused); gives up after 2 s.
  func eventually(_ target: SocketEndpoint, _ endpoint: SocketEndpoint?) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(2)
    while ContinuousClock.now < deadline {
      let result = probe.ask(target)
      if endpoint == nil ? result == .refused : result.endpoint == endpoint { return true }
      await Task.yield()
    }
    return false
  }
}
