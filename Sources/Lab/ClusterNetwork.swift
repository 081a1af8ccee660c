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
    if try routes.addresses().contains(where: { $0.address == ClusterAddresses.machine }) {
      throw LabError(
        .refused, "\(ClusterAddresses.machine) is in use on this machine; the nodes need \(ClusterAddresses.network)")
    }
    try routes.apply { $0.createLink(ClusterAddresses.bridge, kind: "bridge") }
    let bridge = try routes.index(of: ClusterAddresses.bridge)
    try routes.apply { batch in
      batch.add(
        InterfaceAddress(ClusterAddresses.machine, prefixLength: ClusterAddresses.prefixLength, link: bridge))
      batch.setUp(bridge)
    }
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
    let address = configuration.address(ofNode: index)
    try inside.apply { batch in
      batch.setUp(loopback)
      // Every node answers the cluster's DNS address itself.
      batch.add(InterfaceAddress(ClusterAddresses.dns, link: loopback))
      batch.add(InterfaceAddress(address, prefixLength: ClusterAddresses.prefixLength, link: link))
      batch.setUp(link)
      if configuration.hasUplink, let everywhere = CIDR(IPAddress(v4: 0, 0, 0, 0), prefixLength: 0) {
        var route = Route(to: everywhere, via: ClusterAddresses.machine, link: link)
        route.origin = .boot
        batch.add(route)
      }
    }
    try namespace.run {
      try Sysctl.set("net/ipv4/ip_forward", to: "1")
      for scope in ["all", "default", "eth0"] { try Sysctl.set("net/ipv4/conf/\(scope)/send_redirects", to: "0") }
      // A flow whose entry was removed has to stay cut: its next segment must not make a new one.
      try Sysctl.set("net/netfilter/nf_conntrack_tcp_loose", to: "0")
    }
    return namespace
  }

  /// Removes the bridge of the calling thread's network namespace. The nodes' links end with their namespaces.
  static func removeBridge() throws {
    let routes = try RouteSocket()
    if try routes.link(named: ClusterAddresses.bridge) != nil {
      try routes.apply { $0.deleteLink(named: ClusterAddresses.bridge) }
    }
  }
}
