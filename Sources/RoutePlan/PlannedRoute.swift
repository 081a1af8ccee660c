package import NetworkTypes

/// A route the node must have, in the cluster's words: interfaces are found when it is programmed.
package struct PlannedRoute: Hashable, Sendable {
  package enum Target: Hashable, Sendable {
    /// Another node, which reaches the destination's pods; both share a link.
    case node(name: String, address: IPAddress)
    /// Another node on another link: packets go to its address inside others, by the tunnel of its family.
    case tunnel(name: String, address: IPAddress)
    /// Addresses of Services. The route exists so that `connect` on the node itself finds one; the translation to an
    /// endpoint then chooses the way.
    case services
    /// The node's own block: what no pod holds is answered here instead of circling through the default route.
    case unassigned
  }

  package let destination: CIDR
  package let target: Target
  /// The source address of the node's own packets that take the route.
  package let source: IPAddress?
  /// Bytes of the largest packet, where that is less than the interface takes; `nil`: as the interface.
  package let mtu: UInt32?

  package init(destination: CIDR, target: Target, source: IPAddress? = nil, mtu: UInt32? = nil) {
    self.destination = destination
    self.target = target
    self.source = source
    self.mtu = mtu
  }
}

/// What has to change so that the kernel has the planned routes.
package struct RouteChange: Hashable, Sendable {
  /// To be put in place, whether new or different.
  package var replaced: Set<PlannedRoute> = []
  /// Destinations that get no route any more.
  package var removed: Set<CIDR> = []

  package init() {}

  package var isEmpty: Bool { replaced.isEmpty && removed.isEmpty }
}
