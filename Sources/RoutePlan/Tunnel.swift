package import NetworkTypes

/// What the node's tunnel device of one address family has to know. The family is that of the pods' packets and of those
/// that carry them alike.
package struct Tunnel: Hashable, Sendable {
  /// Another node, as the device reaches it.
  package struct Peer: Hashable, Sendable {
    package let name: String
    /// Where its packets are sent: the other node's own address.
    package let address: IPAddress

    package init(name: String, address: IPAddress) {
      self.name = name
      self.address = address
    }
  }

  /// The node's own address, which the packets come from.
  package var local: IPAddress
  /// Held by the device: the first addresses of the node's blocks, which no pod gets. What the node itself sends
  /// through the tunnel has one of them as its source, so that the answer comes through the tunnel as well.
  package var addresses: Set<IPAddress>
  /// By the gateway in their routes: the first address of their block.
  package var peers: [IPAddress: Peer]

  package init(local: IPAddress, addresses: Set<IPAddress>, peers: [IPAddress: Peer]) {
    self.local = local
    self.addresses = addresses
    self.peers = peers
  }

  /// Bytes that the tunnel puts in front of a packet: the outer IP header, UDP (8), VXLAN (8) and Ethernet (14).
  package static func overhead(_ family: IPAddress.Family) -> UInt32 { family == .v4 ? 50 : 70 }
}

extension RoutePlan {
  /// The tunnels the routes lead through; none where every other node shares a link with this one.
  package var tunnels: [IPAddress.Family: Tunnel] {
    var tunnels: [IPAddress.Family: Tunnel] = [:]
    for route in routes.values {
      guard case .tunnel(let name, let address) = route.target, let local = nodeAddress(address.family) else {
        continue
      }
      var tunnel =
        tunnels[address.family]
        ?? Tunnel(
          local: local, addresses: Set(podCIDRs.filter { $0.family == address.family }.map(\.base)), peers: [:])
      tunnel.peers[route.destination.base] = Tunnel.Peer(name: name, address: address)
      tunnels[address.family] = tunnel
    }
    return tunnels
  }
}
