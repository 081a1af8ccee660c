package import NetworkTypes
package import RoutePlan

/// What the node knows of the cluster, and what it keeps from handing out.
package struct NodeState: Sendable {
  package var plan: RoutePlan
  package var named = NamedAddresses()
  package var pool: AddressPool
  /// Addresses chosen for links that are being made.
  package var reserved: Set<IPAddress> = []
  /// Whether the cluster has been read once.
  package var isSynced = false
  /// The node's addresses that one of its interfaces holds: the kernel takes no others as a source.
  package var sources: [IPAddress] = []
  /// MTU of new links.
  package var mtu: UInt32

  package init(plan: RoutePlan, pool: AddressPool, mtu: UInt32) {
    self.plan = plan
    self.pool = pool
    self.mtu = mtu
  }

  /// One address from each of the node's blocks, first block of each family.
  /// - Throws: ``CNIError`` the runtime may retry, where no block is known or none has a free address.
  package mutating func reserve(
    now: ContinuousClock.Instant, routed: (IPAddress.Family) throws -> Set<IPAddress>
  ) throws -> [IPAddress] {
    guard isSynced else {
      throw CNIError(
        .tryAgainLater, "the node has not read the cluster yet",
        details: "is the API server reachable from this node?")
    }
    guard !plan.podCIDRs.isEmpty else {
      throw CNIError(
        .tryAgainLater, "node \(plan.configuration.nodeName) has no pod CIDR yet",
        details: "the node controller sets spec.podCIDRs; see `kubectl describe node \(plan.configuration.nodeName)`")
    }
    var chosen: [IPAddress] = []
    for family in IPAddress.Family.allCases {
      guard let block = plan.podCIDRs.first(where: { $0.family == family }) else { continue }
      let inUse = try routed(family)
      let address = pool.next(in: block, now: now) {
        inUse.contains($0) || reserved.contains($0) || named.contains($0)
      }
      guard let address else {
        throw CNIError(
          .tryAgainLater, "no free address in \(block)",
          details: "all \(AddressPool.usable(block)) are in use or still named by a pod or an EndpointSlice")
      }
      chosen.append(address)
    }
    reserved.formUnion(chosen)
    return chosen
  }
}
