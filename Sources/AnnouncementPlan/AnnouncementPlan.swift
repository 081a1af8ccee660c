package import ClusterModel
internal import HashTreeCollections
package import KubernetesAPI
package import NetworkTypes

/// Which load balancer addresses there are, and which nodes may announce them. Takes in what changed.
package struct AnnouncementPlan: Sendable {
  /// What a Service wants announced.
  private struct Claim: Hashable, Sendable {
    var addresses: [IPAddress]
    /// The nodes with an endpoint of the family, where only those may be chosen.
    var nodes: [IPAddress.Family: Set<String>]?
  }

  private var claims: [ObjectName: Claim] = [:]
  /// Which Services claim an address. More than one do only by mistake or for a moment; any of their nodes will do.
  private var claimants: [IPAddress: Set<ObjectName>] = [:]
  /// The nodes there are, with their InternalIPs.
  package private(set) var nodes: [String: [IPAddress]] = [:]
  /// Those that may announce: ready, and load balancers may lead traffic to them.
  private var eligible: Set<String> = []

  package init() {}

  package var addresses: some Collection<IPAddress> { claimants.keys }
  package var isEmpty: Bool { claimants.isEmpty }
  package func isAnnounced(_ address: IPAddress) -> Bool { claimants[address] != nil }

  /// Takes in what changed; returns whether any of it may make a difference to who announces what.
  @discardableResult
  package mutating func update(_ update: ClusterUpdate) -> Bool {
    var isNews = false
    for name in update.change.nodes {
      let node = update.snapshot.nodes[name]
      let isEligible = node.map { $0.isReady && $0.takesBalancedTraffic } ?? false
      if nodes[name] != node?.addresses || eligible.contains(name) != isEligible { isNews = true }
      nodes[name] = node?.addresses
      if isEligible { eligible.insert(name) } else { eligible.remove(name) }
    }
    for name in update.change.services {
      let claim = Self.claim(name, update.snapshot)
      guard claim != claims[name] else { continue }
      isNews = true
      for address in claims[name]?.addresses ?? [] {
        claimants[address]?.remove(name)
        if claimants[address]?.isEmpty == true { claimants[address] = nil }
      }
      claims[name] = claim
      for address in claim?.addresses ?? [] { claimants[address, default: []].insert(name) }
    }
    return isNews
  }

  private static func claim(_ name: ObjectName, _ snapshot: ClusterSnapshot) -> Claim? {
    guard let service = snapshot.services[name], service.kind == .loadBalancer, service.loadBalancerClass == nil,
      !service.loadBalancerIPs.isEmpty
    else { return nil }
    var claim = Claim(addresses: service.loadBalancerIPs)
    guard service.externalTrafficIsLocal else { return claim }
    let slices = snapshot.endpointSlices(of: name)
    claim.nodes = [:]
    for family in Set(service.loadBalancerIPs.map(\.family)) {
      let endpoints = slices.filter { $0.family == family }.flatMap(\.endpoints)
      // As the proxy chooses: those that are ending serve where no other does.
      let ready = endpoints.filter(\.isReady).compactMap(\.nodeName)
      let ending = endpoints.filter { $0.isServing && $0.isTerminating }.compactMap(\.nodeName)
      claim.nodes?[family] = Set(ready.isEmpty ? ending : ready)
    }
    return claim
  }

  /// The addresses that `node` is to announce.
  ///
  /// - Parameter live: the nodes that are heard, each with the blocks its links are in.
  package func addresses(of node: String, live: [String: [CIDR]]) -> Set<IPAddress> {
    Set(claimants.keys.filter { owner(of: $0, live: live) == node })
  }

  /// The node that announces an address: one that is live, may announce, has a link the address is on, and where a
  /// Service wants its own endpoints alone, one of those. `nil` where there is none.
  package func owner(of address: IPAddress, live: [String: [CIDR]]) -> String? {
    let services = (claimants[address] ?? []).compactMap { claims[$0] }
    return Election.winner(
      of: address,
      among: live.filter { name, links in
        eligible.contains(name) && links.contains { $0.contains(address) }
          && services.contains { $0.nodes?[address.family]?.contains(name) ?? true }
      }.keys)
  }
}
