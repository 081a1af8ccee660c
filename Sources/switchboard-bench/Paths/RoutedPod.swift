import LinuxKernel
import Netlink
import NetworkTypes

/// A network namespace behind a routed pair, as pods have them.
enum RoutedPod {
  private static let gateway = IPAddress(v4: 169, 254, 1, 1)

  /// - Parameter node: the namespace it is reached from; `nil`: the calling thread's.
  static func make(_ address: IPAddress, on node: NetworkNamespace? = nil) throws -> NetworkNamespace {
    let namespace = try NetworkNamespace.create()
    let outside = try RouteSocket(in: node)
    let name = "bench\(address.bytes.last ?? 0)"
    try outside.apply {
      $0.createVeth(.init(name: name), peer: .init(name: "eth0", namespace: namespace.descriptor.rawValue))
    }
    let link = try outside.index(of: name)
    try outside.apply { batch in
      batch.add(InterfaceAddress(gateway, link: link))
      batch.setUp(link)
      batch.add(Route(to: CIDR(host: address), link: link))
    }
    let inside = try RouteSocket(in: namespace)
    let (loopback, own) = (try inside.index(of: "lo"), try inside.index(of: "eth0"))
    try inside.apply { batch in
      batch.setUp(loopback)
      batch.setUp(own)
      batch.add(InterfaceAddress(address, link: own))
      guard let everywhere = CIDR(IPAddress(v4: 0, 0, 0, 0), prefixLength: 0) else { return }
      var route = Route(to: everywhere, via: gateway, link: own)
      route.gatewayIsOnLink = true
      batch.add(route)
    }
    return namespace
  }
}
