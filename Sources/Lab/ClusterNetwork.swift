internal import LinuxKernel
internal import Netlink
internal import NetworkTypes

/// The network around the nodes: a bridge where we are, and per node a network namespace with a link to it.
struct ClusterNetwork {
  private let routes: RouteSocket
  private let configuration: ClusterConfiguration

  /// Works in the calling thread's network namespace.
  init(_ configuration: ClusterConfiguration) throws {
    self.configuration = configuration
    routes = try RouteSocket()
  }

  /// Makes the bridge, and the way out where the nodes are to have one.
  func makeBridge() throws {
    if try routes.link(named: ClusterAddresses.bridge) != nil {
      throw LabError(
        .alreadyUp,
        """
        the interface \(ClusterAddresses.bridge) is there already: another cluster uses it. \
        `switchboard down` ends it; what a crash left is removed by `ip link delete \(ClusterAddresses.bridge)`
        """)
    }
    let held = Set(try routes.addresses().map(\.address))
    for addresses in configuration.families.map(\.addresses) where held.contains(addresses.machine) {
      throw LabError(
        .refused, "\(addresses.machine) is in use on this machine; the nodes need \(addresses.network)")
    }
    try routes.apply { $0.createLink(ClusterAddresses.bridge, kind: "bridge") }
    let bridge = try routes.index(of: ClusterAddresses.bridge)
    if configuration.families.contains(.v6) { try Self.settle(ClusterAddresses.bridge) }
    try routes.apply { batch in
      for addresses in configuration.families.map(\.addresses) {
        batch.add(InterfaceAddress(addresses.machine, prefixLength: addresses.prefixLength, link: bridge))
      }
      batch.setUp(bridge)
    }
  }

  /// Makes an interface's IPv6 addresses usable at once, its link-local one too, from which neighbours are asked for:
  /// nobody else is on these links. Nor are there routers to listen to.
  private static func settle(_ interface: String) throws {
    for setting in ["accept_dad", "accept_ra"] { try Sysctl.set("net/ipv6/conf/\(interface)/\(setting)", to: "0") }
  }

  /// Makes a node's network namespace, complete with addresses and settings.
  func makeNode(_ index: Int) throws -> NetworkNamespace {
    let namespace = try NetworkNamespace.create()
    let outside = "swb-node-\(index)"
    try routes.apply { batch in
      batch.createVeth(.init(name: outside), peer: .init(name: "eth0", namespace: namespace.descriptor.rawValue))
    }
    let port = try routes.index(of: outside)
    let bridge = try routes.index(of: ClusterAddresses.bridge)
    try routes.apply { batch in
      batch.setMaster(port, bridge)
      batch.setUp(port)
    }
    let inside = try RouteSocket(in: namespace)
    let (loopback, link) = (try inside.index(of: "lo"), try inside.index(of: "eth0"))
    try namespace.run { try applySettings() }
    try inside.apply { batch in
      batch.setUp(loopback)
      for addresses in configuration.families.map(\.addresses) {
        // Every node answers the cluster's DNS address itself.
        batch.add(InterfaceAddress(addresses.dns, link: loopback))
        batch.add(InterfaceAddress(addresses.node(index), prefixLength: addresses.prefixLength, link: link))
      }
      batch.setUp(link)
      // Behind the link's coming up, or the kernel would not take a way through it.
      guard configuration.hasUplink else { return }
      for family in configuration.families {
        guard let everywhere = CIDR(IPAddress(family: family, value: 0), prefixLength: 0) else { continue }
        var route = Route(to: everywhere, via: family.addresses.machine, link: link)
        route.origin = .boot
        batch.add(route)
      }
    }
    return namespace
  }

  private func applySettings() throws {
    if configuration.families.contains(.v6) {
      try Self.settle("eth0")
      try Sysctl.set("net/ipv6/conf/all/forwarding", to: "1")
    }
    try Sysctl.set("net/ipv4/ip_forward", to: "1")
    for scope in ["all", "default", "eth0"] { try Sysctl.set("net/ipv4/conf/\(scope)/send_redirects", to: "0") }
    // A flow whose entry was removed has to stay cut: its next segment must not make a new one.
    try Sysctl.set("net/netfilter/nf_conntrack_tcp_loose", to: "0")
  }

  /// Removes the bridge of the calling thread's network namespace. The nodes' links end with their namespaces.
  static func removeBridge() throws {
    let routes = try RouteSocket()
    if try routes.link(named: ClusterAddresses.bridge) != nil {
      try routes.apply { $0.deleteLink(named: ClusterAddresses.bridge) }
    }
  }
}
