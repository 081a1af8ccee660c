import ClusterModel
import LinuxKernel
import Netlink
import NetworkTypes
import SwitchboardTesting
import Testing

/// A node that holds a load balancer's address on a link of its own, as the elected one does.
@Suite(.serialized) struct KernelHeldAddressTests {
  @Test(arguments: [LabAddresses.v4, .v6], [false, true])
  func theNodeAsksFromItsUsualAddress(_ addresses: LabAddresses, isLocal: Bool) async throws {
    let lab = try ServiceLab(addresses)
    let held = addresses.external(2)
    let routes = try RouteSocket(in: lab.node)
    let link = try routes.index(of: "peer0")
    try routes.apply { $0.add(InterfaceAddress(held, prefixLength: addresses.family.bits, link: link)) }
    lab.feed.apply([
      service("web", addresses.service(20)) {
        $0.kind = .loadBalancer
        $0.loadBalancerIPs = [held]
        $0.externalTrafficIsLocal = isLocal
      },
      slice("web", [addresses.localEndpoint]) { $0.nodeName = "node-1" },
    ])
    try await lab.withProxy { _ async throws in
      for transport in [TransportProtocol.tcp, .udp] {
        let result = try lab.node.run { Probe.ask(transport, SocketEndpoint(held, 80), patience: .seconds(3)) }
        #expect(result.endpoint == addresses.localEndpoint, "\(transport)")
        #expect(result.seenAs == addresses.node, "\(transport)")
      }
    }
  }
}
