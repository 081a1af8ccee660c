import ClusterModel
import Conntrack
import LinuxKernel
import NetworkTypes
import ServiceProxy
import SwitchboardTesting
import Testing

/// UDP flows follow their Service, whatever happened.
@Suite(.serialized) struct KernelFlowTests {
  private func service(_ lab: LabAddresses, isLocal: Bool = false) -> ClusterEvent {
    ServiceProxyTests.service("web", lab.service(20), ports: bothProtocols(nodePort: 30080)) {
      $0.kind = .nodePort
      $0.externalTrafficIsLocal = isLocal
    }
  }

  @Test(arguments: [LabAddresses.v4, .v6]) func nodePortFlowsFollow(_ addresses: LabAddresses) async throws {
    let lab = try ServiceLab(addresses)
    lab.feed.apply([service(addresses), slice("web", [addresses.endpoints[0]])])
    try await lab.withProxy { proxy async throws in
      let target = SocketEndpoint(addresses.node, 30080)
      let client = try lab.outside.run { Shared(try Probe(.udp, addresses.family, patience: .milliseconds(300))) }
      #expect(client.probe.ask(target).endpoint == addresses.endpoints[0])
      lab.feed.apply([slice("web", [addresses.endpoints[1]])])
      await proxy.sync()
      #expect(await client.eventually(target, addresses.endpoints[1]))
      // From now on only local endpoints count, and there is one: it takes the flow over.
      lab.feed.apply([
        service(addresses, isLocal: true),
        slice("web", [addresses.endpoints[1], addresses.localEndpoint]) {
          $0.nodeName = $0.address == addresses.pod ? "node-1" : "node-2"
        },
      ])
      await proxy.sync()
      #expect(await client.eventually(target, addresses.localEndpoint))
    }
  }

  /// A flow that no change accounts for: found by the check alone, and counted.
  @Test func staleFlowsAreFoundWithoutAnyChange() async throws {
    let lab = try ServiceLab()
    lab.feed.apply([service(.v4), slice("web", [ServiceLab.endpoints[0]])])
    try await lab.withProxy {
      $0.flowCheckInterval = .milliseconds(100)
    } _: { proxy async throws in
      let connection = try ConntrackConnection(in: lab.node)
      let target = SocketEndpoint(LabAddresses.v4.service(20), 80)
      let answered = try lab.pod.run { Probe.ask(.udp, target) }
      #expect(answered.endpoint == ServiceLab.endpoints[0])
      // The look at all Services' flows at the start may find the first one; then it is over.
      for port in ["4000", "4001"] {
        try lab.node.command(
          "conntrack", "-I", "-p", "udp", "-s", "10.244.1.2", "-d", "10.96.0.20", "--sport", port, "--dport", "80",
          "-r", "10.244.2.9", "-q", "10.244.1.2", "--reply-port-src", "8080", "--reply-port-dst", port, "-t", "60")
        let end = ContinuousClock.now + .seconds(20)
        while try connection.flows(.udp, .v4, to: target).count > 1, ContinuousClock.now < end {
          try await Task.sleep(for: .milliseconds(20))
        }
      }
      let left = try connection.flows(.udp, .v4, to: target)
      #expect(left.map(\.answerSource) == [ServiceLab.endpoints[0]])
      // Counted behind the removal.
      let end = ContinuousClock.now + .seconds(20)
      while proxy.metrics.staleFlowsFoundByChecks == 0, ContinuousClock.now < end {
        try await Task.sleep(for: .milliseconds(20))
      }
      let found = proxy.metrics.staleFlowsFoundByChecks
      #expect(found >= 1)
      #expect(proxy.metrics.text.contains("switchboard_conntrack_stale_entries_found_total \(found)\n"))
    }
  }

  @Test func flowsThatWentStaleUnwatchedAreForgottenAtStart() async throws {
    let lab = try ServiceLab()
    let address = SocketEndpoint(LabAddresses.v4.service(20), 80)
    lab.feed.apply([service(.v4), slice("web", [ServiceLab.endpoints[0]])])
    let client = try lab.pod.run { Shared(try Probe(.udp, patience: .milliseconds(300))) }
    try await lab.withProxy { _ async throws in
      #expect(client.probe.ask(address).endpoint == ServiceLab.endpoints[0])
    }
    lab.feed.apply([slice("web", [ServiceLab.endpoints[1]])])
    try await lab.withProxy { _ async throws in
      #expect(await client.eventually(address, ServiceLab.endpoints[1]))
    }
    lab.feed.apply([.serviceRemoved(name("web"))])
    try await lab.withProxy { _ async throws in #expect(await client.eventually(address, nil)) }
  }
}
