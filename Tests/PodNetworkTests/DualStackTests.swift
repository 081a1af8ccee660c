import ClusterModel
import JSONTree
import LinuxKernel
import Netlink
import NetworkTypes
import SwitchboardTesting
import Testing

@testable import PodNetwork

@Suite struct KernelDualStackTests {
  private static let both: [IPAddress.Family] = [.v4, .v6]

  @Test func podsOfTwoNodesReachEachOtherInBothFamilies() throws {
    let (one, two) = try twoNodes(Self.both)
    let (here, there) = try pods(one, two)
    #expect(here.addresses.map(\.family) == [.v4, .v6])
    for family in Self.both {
      let probe = try TCPProbe(in: there.namespace, there.address(family))
      #expect(try probe.connect(from: here.namespace) == here.address(family))
      // From the node itself: with its address, though the loopback holds others for Services.
      #expect(try probe.connect(from: one.namespace) == one.address(family))
      let node = try TCPProbe(in: two.namespace, two.address(family))
      #expect(try node.connect(from: here.namespace) == here.address(family))
    }
  }

  @Test func aClusterOfVersion6AloneWorks() throws {
    let (one, two) = try twoNodes([.v6])
    let (here, there) = try pods(one, two)
    #expect(here.addresses == [IPAddress("fd53:7762:1:1::1")!])
    #expect(try TCPProbe(in: there.namespace, there.address).connect(from: here.namespace) == here.address)
    #expect(try here.call("CHECK", one)["ips"] == nil)
    #expect(try one.network.leases().map(\.address) == here.addresses)
    try here.call("DEL", one)
    #expect(try one.network.leases().isEmpty)
  }

  @Test func theFirstPacketOfAPodFindsEverythingInForce() throws {
    let node = try TestNode(1, families: Self.both)
    let other = try TestNode(2, families: Self.both)
    try TestNode.connect(node, other)
    node.take(.node(node.model))
    let pod = try TestPod("pod")
    try pod.attach(to: node)
    // No address is tentative, the link-local one neither: `ip` would say so.
    let listed = try pod.namespace.command("ip", "-6", "address", "show", "dev", "eth0")
    #expect(listed.contains("fd53:7762:1:1::1/128"))
    #expect(!listed.contains("tentative"))
    // Nobody is asked for a hardware address.
    let inside = try RouteSocket(in: pod.namespace)
    #expect(try inside.neighbours(.v6).filter { $0.isPermanent }.map(\.address) == [PodLink.gateway(.v6)])
    let link = try #require(try node.routes.links().first { $0.name.hasPrefix(PodLink.namePrefix) })
    #expect(try node.routes.neighbours(.v6).contains { $0.address == pod.address(.v6) && $0.isPermanent })
    let settings = try node.namespace.run {
      try ["conf/all/forwarding", "conf/\(link.name)/accept_ra", "conf/\(link.name)/addr_gen_mode"].map {
        try Sysctl.read("net/ipv6/\($0)")
      }
    }
    #expect(settings == ["1", "0", "1"])
  }

  @Test func aPodCannotPretendToBeAnother() throws {
    let (one, two) = try twoNodes(Self.both)
    let (pod, other) = try pods(one, two)
    let inside = try RouteSocket(in: pod.namespace)
    let link = try inside.index(of: "eth0")
    let probe = try TCPProbe(in: other.namespace, other.address(.v6))
    #expect(try probe.connect(from: pod.namespace) == pod.address(.v6))
    // That of the other node is one the answer would come back from, were the packet let through.
    let stolen = IPAddress("fd53:7762:1:1::99")!
    try inside.apply {
      $0.delete(InterfaceAddress(pod.address(.v6), link: link))
      $0.add(InterfaceAddress(stolen, link: link))
    }
    let heard = try sourcesHeard(by: other, on: two) { _ = try probe.connect(from: pod.namespace) }
    #expect(!heard.contains("\(stolen)"))
    try inside.apply {
      $0.delete(InterfaceAddress(stolen, link: link))
      $0.add(InterfaceAddress(pod.address(.v6), link: link))
    }
    #expect(
      try sourcesHeard(by: other, on: two) { _ = try probe.connect(from: pod.namespace) }
        .contains("\(pod.address(.v6))"))
  }

  @Test(arguments: both) func whatLeavesTheClusterIsMasqueraded(_ family: IPAddress.Family) throws {
    let (one, two) = try twoNodes(Self.both)
    let pod = try TestPod("pod")
    try pod.attach(to: one)
    let outside = family == .v4 ? IPAddress("172.30.0.99")! : IPAddress("fd53:7762::99")!
    let uplink = try two.routes.index(of: "eth0")
    try two.routes.apply { $0.add(InterfaceAddress(outside, link: uplink)) }
    try two.namespace.settleAddresses()
    #expect(try TCPProbe(in: two.namespace, outside).connect(from: pod.namespace) == one.address(family))
  }

  @Test func routesFollowTheClusterInBothFamilies() throws {
    let (one, two) = try twoNodes(Self.both)
    #expect(try one.routes.lookup(IPAddress("fd53:7762:1:2::7")!)?.gateway == two.address(.v6))
    // An unassigned address of the own block is answered, not sent in a circle.
    #expect(try one.routes.lookup(IPAddress("fd53:7762:1:1::200")!) == nil)
    // `connect` on the node itself finds a way to Services, with the node's address.
    let service = try one.routes.lookup(IPAddress("fd53:7762:2::1")!)
    #expect(service?.source == one.address(.v6))
    #expect(service?.link == (try one.routes.index(of: "eth0")))
    let before = Set(try one.routes.routes(.v6))
    one.network.repair()
    try one.restart()
    #expect(Set(try one.routes.routes(.v6)) == before)
    one.take(.nodeRemoved(two.name))
    #expect(try one.routes.lookup(IPAddress("fd53:7762:1:2::7")!) == nil)
  }

  @Test func whereTheNodeLearnsOfRoutersItGoesOnListening() throws {
    let namespace = try NetworkNamespace.create()
    try RouteSocket(in: namespace).apply {
      $0.createVeth(.init(name: "up0"), peer: .init(name: "up1"))
      $0.createVeth(.init(name: "swb0"), peer: .init(name: "pod0"))
    }
    let settings = try namespace.run {
      try Sysctl.set("net/ipv6/conf/up1/accept_ra", to: "0")
      for failure in NodeSettings.apply([.v6]) { throw failure.error }
      return try ["up0", "up1", "swb0"].map { try Sysctl.read("net/ipv6/conf/\($0)/accept_ra") }
    }
    #expect(settings == ["2", "0", "1"])
    // A cluster of IPv4 alone leaves the rest as it is.
    let other = try NetworkNamespace.create()
    let forwarding = try other.run {
      for failure in NodeSettings.apply([.v4]) { throw failure.error }
      return try Sysctl.read("net/ipv6/conf/all/forwarding")
    }
    #expect(forwarding == "0")
  }

  // MARK: Set-up

  private func twoNodes(_ families: [IPAddress.Family]) throws -> (TestNode, TestNode) {
    let one = try TestNode(1, families: families)
    let two = try TestNode(2, families: families)
    try TestNode.connect(one, two)
    for node in [one, two] { node.take(.node(one.model), .node(two.model)) }
    return (one, two)
  }

  private func pods(_ one: TestNode, _ two: TestNode) throws -> (TestPod, TestPod) {
    let (here, there) = (try TestPod("here"), try TestPod("there"))
    try here.attach(to: one)
    try there.attach(to: two)
    return (here, there)
  }

  /// What a node's connection table says of whoever sends to a pod of its own while `body` runs.
  private func sourcesHeard(by pod: TestPod, on node: TestNode, _ body: () throws -> Void) throws -> String {
    let name = "heard"
    let rules =
      "add table ip6 \(name); add set ip6 \(name) who { type ipv6_addr; flags dynamic; }; "
      + "add chain ip6 \(name) c { type filter hook forward priority 0; }; "
      + "add rule ip6 \(name) c ip6 daddr \(pod.address(.v6)) add @who { ip6 saddr }"
    try node.namespace.command("nft", rules)
    try body()
    let heard = try node.namespace.command("nft", "list set ip6 \(name) who")
    try node.namespace.command("nft", "delete table ip6 \(name)")
    return heard
  }
}
