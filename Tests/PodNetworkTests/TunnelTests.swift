import ClusterModel
import LinuxKernel
import Netlink
import NetworkTypes
import RoutePlan
import SwitchboardTesting
import Testing

@testable import PodNetwork

/// Nodes on links of their own, with a router in between that lets nothing through but the nodes' own packets.
@Suite struct KernelTunnelTests {
  private static let both: [IPAddress.Family] = [.v4, .v6]

  @Test func podsOfNodesOnDifferentLinksReachEachOther() throws {
    let site = try Site()
    let here = try TestPod("here")
    let there = try TestPod("there")
    try here.attach(to: site.one)
    try there.attach(to: site.two)
    for family in Self.both {
      let probe = try TCPProbe(in: there.namespace, there.address(family))
      #expect(try probe.connect(from: here.namespace) == here.address(family))
      let back = try TCPProbe(in: here.namespace, here.address(family))
      #expect(try back.connect(from: there.namespace) == there.address(family))
      // A node's packets to pods of the other have the tunnel's own address, so that the answer comes by the tunnel.
      let own = site.one.blocks.first { $0.family == family }!.base
      #expect(try probe.connect(from: site.one.namespace) == own)
      // To the other node itself there is a way without the tunnel; what lies between must not see a pod's address.
      let node = try TCPProbe(in: site.two.namespace, site.two.address(family))
      #expect(try node.connect(from: here.namespace) == site.one.address(family))
    }
  }

  @Test func theTunnelStandsBesideDirectRoutes() throws {
    let site = try Site()
    let near = try TestNode(3, families: Self.both, link: 1)
    var model = NodeModel(name: near.name)
    model.addresses = near.addresses
    model.podCIDRs = near.blocks
    site.one.take(.node(model))
    let uplink = try site.one.routes.index(of: "eth0")
    let direct = try site.one.routes.lookup(near.blocks[0].base.advanced(by: 1))
    #expect(direct?.gateway == near.address && direct?.link == uplink)
    let tunnelled = try site.one.routes.lookup(site.two.blocks[0].base.advanced(by: 1))
    #expect(tunnelled?.link == (try site.one.routes.index(of: TunnelProgrammer.name(.v4))))
  }

  @Test func podsPacketsFitIntoTheTunnel() throws {
    let site = try Site()
    #expect(try site.one.routes.link(named: TunnelProgrammer.name(.v4))?.mtu == 1450)
    #expect(try site.one.routes.link(named: TunnelProgrammer.name(.v6))?.mtu == 1430)
    let pod = try TestPod("pod")
    try pod.attach(to: site.one)
    #expect(try RouteSocket(in: pod.namespace).link(named: "eth0")?.mtu == 1430)
    // The largest packet that may go arrives, though nobody may cut it.
    let other = try TestPod("other")
    try other.attach(to: site.two)
    for family in Self.both {
      let size = 1430 - (family == .v4 ? 28 : 48)
      #expect(try Datagram.send(size, from: pod.namespace, to: other.address(family), in: other.namespace) == size)
    }
  }

  @Test func aNarrowerWayIsKnownBeforehand() throws {
    let site = try Site(narrowTo: 1300)
    let route = try #require(
      try site.one.routes.routes(origin: .switchboard).first { $0.destination == site.two.blocks[0] })
    #expect(route.mtu == 1250)
    // Of a node on the same link as well.
    let near = try TestNode(3, families: Self.both, link: 1)
    try site.one.routes.apply {
      var narrow = Route(to: CIDR(host: near.address), link: try! site.one.routes.index(of: "eth0"))
      narrow.mtu = 1200
      narrow.origin = .static
      $0.add(narrow)
    }
    site.one.take(.node(near.model))
    let direct = try site.one.routes.routes(origin: .switchboard).first { $0.destination == near.blocks[0] }
    #expect(direct?.mtu == 1200 && direct?.gateway == near.address)
  }

  @Test func aRestartedProcessTakesTheTunnelOver() throws {
    let site = try Site()
    let name = TunnelProgrammer.name(.v4)
    let before = try #require(try site.one.routes.link(named: name))
    let routes = Set(try site.one.routes.routes())
    try site.one.restart()
    #expect(try site.one.routes.link(named: name) == before)
    #expect(Set(try site.one.routes.routes()) == routes)
    #expect(try connects(site))
  }

  @Test func whatOthersChangedIsMended() throws {
    let site = try Site()
    let routes = site.one.routes
    let name = TunnelProgrammer.name(.v4)
    func device() throws -> Link { try #require(try routes.link(named: name)) }
    func mended() throws -> Bool {
      site.one.network.repair()
      return try connects(site)
    }
    #expect(try connects(site))
    let link = try device().index
    let entry = try #require(try routes.forwardingEntries(of: link).first)
    try routes.apply { $0.delete(entry) }
    #expect(try !connects(site))
    #expect(try mended())
    let neighbour = try #require(try routes.neighbours().first { $0.link == link })
    try routes.apply { $0.delete(neighbour) }
    #expect(try mended())
    try routes.apply { $0.setUp(link, false) }
    #expect(try mended())
    let base = site.one.blocks[0].base
    try routes.apply { $0.delete(InterfaceAddress(base, link: link)) }
    #expect(try mended())
    try routes.apply { $0.deleteLink(link) }
    #expect(try mended())
    // One that somebody made in its place, for another network.
    try routes.apply {
      $0.deleteLink(named: name)
      $0.createVXLAN(name, VXLANSettings(identifier: 7, port: 4789, local: site.one.address))
    }
    #expect(try mended())
    #expect(try device().vxlan?.identifier == TunnelProgrammer.identifier)
    let stranger = ForwardingEntry(MACAddress([2, 0, 0, 0, 0, 1]), to: site.two.address, link: try device().index)
    try routes.apply { $0.replace(stranger) }
    site.one.network.repair()
    #expect(try !routes.forwardingEntries(of: stranger.link).contains(stranger))
  }

  @Test func aTunnelThatNobodyNeedsIsRemoved() throws {
    let site = try Site()
    site.one.take(.nodeRemoved(site.two.name))
    for family in Self.both { #expect(try site.one.routes.link(named: TunnelProgrammer.name(family)) == nil) }
    // As well by a process that knows of none.
    try site.one.routes.apply { $0.createVXLAN(TunnelProgrammer.name(.v4), VXLANSettings(identifier: 1, port: 4789)) }
    try site.one.restart()
    #expect(try site.one.routes.link(named: TunnelProgrammer.name(.v4)) == nil)
    // New pods may send whole packets again.
    let pod = try TestPod("pod")
    try pod.attach(to: site.one)
    #expect(try RouteSocket(in: pod.namespace).link(named: "eth0")?.mtu == 1500)
  }

  @Test func aNodeThatMovesToTheLinkIsReachedDirectly() throws {
    let site = try Site()
    let uplink = try site.one.routes.index(of: "eth0")
    try site.one.routes.apply { $0.add(InterfaceAddress(IPAddress("172.30.2.1")!, prefixLength: 24, link: uplink)) }
    site.one.network.repair()
    let route = try site.one.routes.lookup(site.two.blocks[0].base.advanced(by: 1))
    #expect(route?.gateway == site.two.address && route?.link == uplink)
    #expect(try site.one.routes.link(named: TunnelProgrammer.name(.v4)) == nil)
    #expect(try site.one.routes.link(named: TunnelProgrammer.name(.v6)) != nil)
  }

  @Test func hardwareAddressesFollowFromNames() {
    let address = TunnelProgrammer.hardwareAddress(of: "node-1")
    #expect(address.bytes.count == 6 && address.bytes[0] == 0x06)
    let many = Set((0..<5000).map { TunnelProgrammer.hardwareAddress(of: "node-\($0)") })
    #expect(many.count == 5000)
  }

  private func connects(_ site: Site) throws -> Bool {
    let pod = try TestPod("pod-\(UInt32.random(in: .min ... .max))")
    try pod.attach(to: site.one)
    defer { _ = try? pod.call("DEL", site.one) }
    let other = try TestPod("other-\(UInt32.random(in: .min ... .max))")
    try other.attach(to: site.two)
    defer { _ = try? other.call("DEL", site.two) }
    return try TCPProbe(in: other.namespace, other.address(.v4)).connect(from: pod.namespace) == pod.address(.v4)
      && TCPProbe(in: other.namespace, other.address(.v4), port: 8081).connect(from: site.one.namespace) != nil
  }
}

/// Two nodes, each on a link of its own, and a router between them.
private final class Site {
  let one: TestNode
  let two: TestNode
  private let router: NetworkNamespace

  /// - Parameter narrowTo: MTU of node 1's way to node 2, where it is smaller than its link's.
  init(narrowTo mtu: UInt32? = nil) throws {
    one = try TestNode(1, families: [.v4, .v6], link: 1)
    two = try TestNode(2, families: [.v4, .v6], link: 2)
    router = try NetworkNamespace.create()
    let routes = try RouteSocket(in: router)
    for (number, node) in [(1, one), (2, two)] { try connect(node, number, routes) }
    try router.run {
      try Sysctl.set("net/ipv4/ip_forward", to: "1")
      try Sysctl.set("net/ipv6/conf/all/forwarding", to: "1")
    }
    // It knows the nodes and nobody else, as routers of providers do.
    try router.command(
      "nft",
      """
      add table inet strict; add chain inet strict forward { type filter hook forward priority 0; policy drop; };
      add rule inet strict forward ip saddr 172.30.0.0/16 ip daddr 172.30.0.0/16 accept;
      add rule inet strict forward ip6 saddr fd53:7762::/48 ip6 daddr fd53:7762::/48 accept
      """)
    if let mtu {
      let link = try one.routes.index(of: "eth0")
      try one.routes.apply {
        var narrow = Route(to: CIDR(host: two.address), via: IPAddress("172.30.1.1")!, link: link)
        narrow.mtu = mtu
        narrow.origin = .static
        $0.add(narrow)
      }
    }
    for node in [one, two] { node.take(.node(one.model), .node(two.model)) }
  }

  private func connect(_ node: TestNode, _ number: Int, _ routes: RouteSocket) throws {
    let name = "link\(number)"
    try routes.apply {
      $0.createVeth(.init(name: name), peer: .init(name: "eth0", namespace: node.namespace.descriptor.rawValue))
    }
    let gateways = [IPAddress("172.30.\(number).1")!, IPAddress("fd53:7762:0:\(number)::1")!]
    try router.run { _ = try Sysctl.set("net/ipv6/conf/\(name)/accept_dad", to: "0") }
    let link = try routes.index(of: name)
    try routes.apply { batch in
      batch.setUp(link)
      for gateway in gateways {
        batch.add(InterfaceAddress(gateway, prefixLength: gateway.family == .v4 ? 24 : 64, link: link))
      }
    }
    try node.holdAddresses()
    _ = try node.routes.hasCarrier("eth0")
    _ = try routes.hasCarrier(name)
    try node.namespace.settleAddresses()
    let uplink = try node.routes.index(of: "eth0")
    try node.routes.apply { batch in
      for gateway in gateways {
        var route = Route(
          to: CIDR(IPAddress(family: gateway.family, value: 0), prefixLength: 0)!, via: gateway, link: uplink)
        route.origin = .static
        batch.add(route)
      }
    }
  }
}
