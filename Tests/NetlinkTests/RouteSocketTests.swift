import LinuxKernel
import Netlink
import NetworkTypes
import Testing

/// What we ask the kernel for is what it says it has.
@Suite struct KernelRouteSocketTests {
  private let namespace: NetworkNamespace
  private let socket: RouteSocket

  init() throws {
    namespace = try NetworkNamespace.create()
    socket = try RouteSocket(in: namespace)
  }

  @Test func aFreshNamespaceHasALoopbackThatIsDown() throws {
    let links = try socket.links()
    #expect(links.first { $0.name == "lo" }?.isLoopback == true)
    #expect(links.first { $0.name == "lo" }?.isUp == false)
    try socket.apply { $0.setUp(1) }
    #expect(try socket.link(named: "lo")?.isUp == true)
    #expect(try socket.addresses().contains { $0.address == IPAddress("127.0.0.1") })
  }

  @Test func aVethPairIsBornInTwoNamespaces() throws {
    let other = try NetworkNamespace.create()
    let address = MACAddress([0x0a, 0x58, 0, 0, 0, 1])
    try socket.apply {
      $0.createVeth(
        .init(name: "swb0", mtu: 1400, address: address),
        peer: .init(name: "eth0", mtu: 1400, namespace: other.descriptor.rawValue))
    }
    let host = try #require(try socket.link(named: "swb0"))
    #expect(host.kind == "veth" && host.mtu == 1400 && host.address == address)
    #expect(try socket.link(named: "eth0") == nil)
    let inside = try RouteSocket(in: other)
    let peer = try #require(try inside.link(named: "eth0"))
    #expect(peer.mtu == 1400 && peer.index == host.peerIndex && peer.peerIndex == host.index)
    try socket.apply {
      $0.setAlias(host.index, "another alias")
      $0.setMTU(host.index, 1300)
      $0.rename(host.index, to: "swb1")
      $0.setUp(host.index)
    }
    let changed = try #require(try socket.link(host.index))
    #expect(changed.alias == "another alias" && changed.mtu == 1300 && changed.name == "swb1" && changed.isUp)
    try socket.apply { $0.deleteLink(named: "swb1") }
    #expect(try inside.link(named: "eth0") == nil)
  }

  @Test func routesCarryOurMark() throws {
    try socket.apply {
      $0.setUp(1)
      $0.add(InterfaceAddress(IPAddress("172.30.0.11")!, link: 1))
    }
    var route = Route(to: CIDR("10.96.0.0/12")!, link: 1)
    route.source = IPAddress("172.30.0.11")
    let hole = Route.blackhole(CIDR("10.244.0.0/24")!)
    try socket.apply {
      $0.add(route)
      $0.add(hole)
    }
    let ours = try socket.routes(origin: .switchboard)
    #expect(ours.count == 2)
    #expect(ours.contains { $0.destination == route.destination && $0.source == route.source && $0.link == 1 })
    #expect(ours.contains { $0.destination == hole.destination && $0.kind == .blackhole })
    #expect(try socket.lookup(IPAddress("10.96.0.10")!)?.source == route.source)
    #expect(try socket.lookup(IPAddress("10.244.0.9")!) == nil)
    #expect(try socket.lookup(IPAddress("192.0.2.1")!) == nil)
    let again = #expect(throws: NetlinkError.self) { try socket.apply { $0.add(route) } }
    #expect(again?.errno == 17)
    #expect(again?.message.hasPrefix("add route 10.96.0.0/12: File exists") == true)
    try socket.apply { $0.delete(route) }
    #expect(try socket.routes(origin: .switchboard).count == 1)
  }

  @Test func theKernelsWordsReachTheError() throws {
    // An MTU the loopback does not take: the text comes from the extended acknowledgement.
    let error = #expect(throws: NetlinkError.self) { try socket.apply { $0.createLink("x", kind: "no-such-kind") } }
    #expect(error?.message.contains("Unknown device type") == true)
  }

  @Test func neighboursBridgesAndRules() throws {
    try socket.apply {
      $0.createLink("br0", kind: "bridge")
      $0.createVeth(.init(name: "a"), peer: .init(name: "b"))
    }
    let bridge = try socket.index(of: "br0")
    let port = try socket.index(of: "a")
    let gateway = Neighbour(IPAddress("169.254.1.1")!, at: MACAddress([2, 0, 0, 0, 0, 9]), link: port)
    var rule = RoutingRule(priority: 100, table: 1000)
    rule.source = CIDR("10.244.0.0/24")
    try socket.apply {
      $0.setMaster(port, bridge)
      $0.setUp(bridge)
      $0.setUp(port)
      $0.replace(gateway)
      $0.add(rule)
    }
    #expect(try socket.link(port)?.master == bridge)
    #expect(try socket.neighbours().contains(gateway))
    #expect(try socket.rules().contains(rule))
    try socket.apply {
      $0.delete(gateway)
      $0.delete(rule)
    }
    #expect(try !socket.neighbours().contains(gateway))
    #expect(try !socket.rules().contains(rule))
  }

  @Test(arguments: ["192.0.2.1", "2001:db8::1"])
  func aTunnelDeviceAndItsPeers(local: String) throws {
    let settings = VXLANSettings(identifier: 0x53_5742, port: 4789, local: IPAddress(local))
    let address = MACAddress([6, 1, 2, 3, 4, 5])
    try socket.apply { $0.createVXLAN("tunnel", settings, address: address, mtu: 1400) }
    let link = try #require(try socket.link(named: "tunnel"))
    #expect(link.kind == "vxlan" && link.vxlan == settings && link.address == address && link.mtu == 1400)
    let peer = MACAddress([6, 9, 9, 9, 9, 9])
    let entry = ForwardingEntry(peer, to: IPAddress(local)!.advanced(by: 1), link: link.index)
    let moved = ForwardingEntry(peer, to: IPAddress(local)!.advanced(by: 2), link: link.index)
    try socket.apply { $0.replace(entry) }
    #expect(try socket.forwardingEntries(of: link.index) == [entry])
    try socket.apply { $0.replace(moved) }
    #expect(try socket.forwardingEntries(of: link.index) == [moved])
    try socket.apply { $0.createVXLAN("other", VXLANSettings(identifier: 7, port: 4789)) }
    let other = try socket.index(of: "other")
    #expect(try socket.forwardingEntries(of: other).isEmpty)
    #expect(try socket.link(other)?.vxlan?.local == nil)
    try socket.apply { $0.delete(moved) }
    #expect(try socket.forwardingEntries(of: link.index).isEmpty)
  }

  @Test func routesTellWhatFitsThroughThem() throws {
    try socket.apply { $0.setUp(1) }
    for block in ["10.9.0.0/24", "fd00:9::/64"].map({ CIDR($0)! }) {
      var route = Route(to: block, link: 1)
      route.mtu = 1300
      try socket.apply { $0.replace(route) }
      #expect(try socket.routes(block.family, origin: .switchboard).map(\.mtu) == [1300])
    }
  }

  @Test func thousandsOfRoutesGoInOneSend() throws {
    try socket.apply { $0.setUp(1) }
    var batch = RouteBatch()
    for index in 0..<2000 {
      batch.add(Route.blackhole(CIDR(host: IPAddress("10.0.0.0")!.advanced(by: UInt128(index)))))
    }
    try socket.apply(batch)
    #expect(try socket.routes(origin: .switchboard).count == 2000)
  }

  @Test func version6RoutesAndAddresses() throws {
    try socket.apply {
      $0.setUp(1)
      $0.add(InterfaceAddress(IPAddress("fd00:10::1")!, link: 1))
    }
    #expect(try socket.addresses().contains { $0.address == IPAddress("fd00:10::1") && $0.prefixLength == 128 })
    var route = Route(to: CIDR("fd00:20::/64")!, link: 1)
    route.source = IPAddress("fd00:10::1")
    try socket.apply { $0.replace(route) }
    #expect(try socket.routes(.v6, origin: .switchboard).map(\.destination) == [route.destination])
  }
}
