package import Netlink
package import NetworkTypes
package import RoutePlan

/// Asks the kernel how packets get to other nodes.
package enum PathLookup {
  /// The way to each address. Where none is, the node is not on a link of ours: a tunnel's packets wait for a route as
  /// any others do.
  package static func paths(
    to addresses: some Sequence<IPAddress>, _ routes: RouteSocket
  ) throws(NetlinkError) -> [IPAddress: NodePath] {
    var paths: [IPAddress: NodePath] = [:]
    for address in addresses {
      let route = try routes.lookup(address)
      let isDirect = route.map { $0.kind == .unicast && $0.gateway == nil } ?? false
      paths[address] = NodePath(isDirect: isDirect, mtu: route?.mtu)
    }
    return paths
  }
}

/// The interfaces that hold the node's own addresses.
package struct Uplinks: Hashable, Sendable {
  package struct Interface: Hashable, Sendable {
    package let index: UInt32
    package let mtu: UInt32
  }

  /// Addresses that an interface holds: the kernel takes no others as a source.
  package var addresses: Set<IPAddress> = []
  /// By family, that of the first such address; none where only the loopback holds it.
  package var interfaces: [IPAddress.Family: Interface] = [:]

  package init() {}

  /// - Parameter nodeAddresses: in the order of the Node's status.
  package init(_ nodeAddresses: [IPAddress], _ routes: RouteSocket) throws(NetlinkError) {
    let held = try routes.addresses().filter { nodeAddresses.contains($0.address) }
    addresses = Set(held.map(\.address))
    var links: [UInt32: Link] = [:]
    for link in try routes.links() { links[link.index] = link }
    for address in nodeAddresses where interfaces[address.family] == nil {
      guard let holder = held.first(where: { $0.address == address }), let link = links[holder.link], !link.isLoopback
      else { continue }
      interfaces[address.family] = Interface(index: link.index, mtu: link.mtu)
    }
  }
}
