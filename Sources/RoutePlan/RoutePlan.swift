package import ClusterModel
internal import HashTreeCollections
package import NetworkTypes

/// The routes and the masquerading one node needs. Pure: it is told what the cluster is like and says what to have.
package struct RoutePlan: Sendable {
  package struct Configuration: Sendable, Hashable {
    /// The node planned for.
    package var nodeName: String
    /// Blocks that all pods' addresses come from. May be empty: then the nodes' own blocks say it.
    package var clusterCIDRs: [CIDR]
    /// Blocks that Services' addresses come from, to which ServiceCIDRs add.
    package var serviceCIDRs: [CIDR]

    package init(nodeName: String, clusterCIDRs: [CIDR], serviceCIDRs: [CIDR]) {
      self.nodeName = nodeName
      self.clusterCIDRs = clusterCIDRs
      self.serviceCIDRs = serviceCIDRs
    }
  }

  package let configuration: Configuration
  /// Pod blocks of the planned node; empty until the cluster has given it one.
  package private(set) var podCIDRs: [CIDR] = []
  /// The blocks Services' addresses come from now.
  package private(set) var serviceBlocks: [CIDR]
  /// InternalIP addresses of the planned node.
  package private(set) var nodeAddresses: [IPAddress] = []
  package private(set) var routes: [CIDR: PlannedRoute] = [:]
  package private(set) var masquerade = Masquerade()

  /// What each other node is planned with, and which nodes claim a block: two may, by mistake or for a moment.
  private var others: [String: NodeModel] = [:]
  private var claimants: [CIDR: Set<String>] = [:]
  /// Ways to other nodes' addresses; one that nobody has looked at is taken to be direct.
  private var paths: [IPAddress: NodePath] = [:]

  package init(_ configuration: Configuration) {
    self.configuration = configuration
    serviceBlocks = configuration.serviceCIDRs
  }

  /// The plan for a whole snapshot.
  package init(_ configuration: Configuration, snapshot: ClusterSnapshot) {
    self.init(configuration)
    _ = update(snapshot, nodes: snapshot.nodes.keys)
  }

  /// The source address for the node's own packets to destinations of a family.
  package func nodeAddress(_ family: IPAddress.Family) -> IPAddress? {
    nodeAddresses.first { $0.family == family }
  }

  /// Addresses of the other nodes that have pods' blocks.
  package var peerAddresses: Set<IPAddress> {
    Set(others.values.filter { !$0.podCIDRs.isEmpty }.flatMap(\.addresses))
  }

  /// Takes in the nodes named, as the snapshot has them now, the ways to their addresses and the Services' blocks, and says
  /// what changes.
  /// Costs what they are worth, except that a change of the own node's addresses touches every route.
  package mutating func update(
    _ snapshot: ClusterSnapshot, nodes: some Collection<String>, paths: [IPAddress: NodePath] = [:]
  ) -> RouteChange {
    var touched = updateServiceBlocks(snapshot)
    guard !nodes.isEmpty || !paths.isEmpty || !touched.isEmpty else { return RouteChange() }
    for name in nodes {
      if name == configuration.nodeName {
        touched.formUnion(updateSelf(snapshot.nodes[name]))
      } else {
        touched.formUnion(updateOther(name, snapshot.nodes[name]))
      }
    }
    touched.formUnion(take(paths))
    return plan(touched)
  }

  /// Takes in ways that may have changed and says what changes with them.
  package mutating func update(paths: [IPAddress: NodePath]) -> RouteChange { plan(take(paths)) }

  private mutating func plan(_ touched: Set<CIDR>) -> RouteChange {
    var change = RouteChange()
    updateMasquerade(touched)
    for destination in touched {
      let planned = route(to: destination)
      guard planned != routes[destination] else { continue }
      if let planned { change.replaced.insert(planned) } else { change.removed.insert(destination) }
      routes[destination] = planned
    }
    return change
  }

  /// Notes the ways and returns the blocks that they matter for.
  private mutating func take(_ new: [IPAddress: NodePath]) -> Set<CIDR> {
    let changed = new.filter { path(to: $0.key) != $0.value }
    guard !changed.isEmpty else { return [] }
    paths.merge(changed) { $1 }
    let concerned = others.values.filter { $0.addresses.contains { changed[$0] != nil } }
    return Set(concerned.flatMap(\.podCIDRs))
  }

  private func path(to address: IPAddress) -> NodePath { paths[address] ?? NodePath(isDirect: true) }

  private mutating func updateServiceBlocks(_ snapshot: ClusterSnapshot) -> Set<CIDR> {
    let blocks = snapshot.serviceBlocks(startingWith: configuration.serviceCIDRs)
    defer { serviceBlocks = blocks }
    return Set(blocks).symmetricDifference(serviceBlocks)
  }

  private mutating func updateSelf(_ node: NodeModel?) -> Set<CIDR> {
    var touched: Set<CIDR> = []
    let blocks = node?.podCIDRs ?? []
    let addresses = node?.addresses ?? []
    if blocks != podCIDRs {
      touched.formUnion(podCIDRs)
      touched.formUnion(blocks)
      // The block's first address is the source of what goes through a tunnel.
      touched.formUnion(claimants.keys)
      podCIDRs = blocks
    }
    if addresses != nodeAddresses {
      nodeAddresses = addresses
      touched.formUnion(routes.keys)
      touched.formUnion(claimants.keys)
    }
    touched.formUnion(serviceBlocks)
    return touched
  }

  private mutating func updateOther(_ name: String, _ node: NodeModel?) -> Set<CIDR> {
    let former = others[name]
    guard former?.podCIDRs != node?.podCIDRs || former?.addresses != node?.addresses else {
      return []
    }
    others[name] = node
    for address in former?.addresses ?? [] where node?.addresses.contains(address) != true { paths[address] = nil }
    for block in former?.podCIDRs ?? [] {
      claimants[block]?.remove(name)
      if claimants[block]?.isEmpty == true { claimants[block] = nil }
    }
    for block in node?.podCIDRs ?? [] { claimants[block, default: []].insert(name) }
    return Set(former?.podCIDRs ?? []).union(node?.podCIDRs ?? [])
  }

  private mutating func updateMasquerade(_ touched: Set<CIDR>) {
    masquerade.sources = Set(podCIDRs)
    masquerade.nodes = Set(nodeAddresses)
    for node in others.values { masquerade.nodes.formUnion(node.addresses.filter { path(to: $0).isDirect }) }
    masquerade.podBlocks.formUnion(configuration.clusterCIDRs)
    for block in touched where !configuration.clusterCIDRs.contains(where: { $0.contains(block) }) {
      if claimants[block] != nil || podCIDRs.contains(block) {
        masquerade.podBlocks.insert(block)
      } else {
        masquerade.podBlocks.remove(block)
      }
    }
  }

  private func route(to destination: CIDR) -> PlannedRoute? {
    let source = nodeAddress(destination.family)
    if podCIDRs.contains(destination) { return PlannedRoute(destination: destination, target: .unassigned) }
    if serviceBlocks.contains(destination) {
      // Without a source address the kernel would pick any, such as one held for Services on the loopback.
      return source.map { PlannedRoute(destination: destination, target: .services, source: $0) }
    }
    // Of several claimants the first by name serves on every node alike.
    for name in (claimants[destination] ?? []).sorted() {
      guard let address = others[name]?.addresses.first(where: { $0.family == destination.family }),
        !nodeAddresses.contains(address)
      else { continue }
      let path = path(to: address)
      if path.isDirect {
        return PlannedRoute(
          destination: destination, target: .node(name: name, address: address), source: source, mtu: path.mtu)
      }
      let own = podCIDRs.first { $0.family == destination.family }
      return PlannedRoute(
        destination: destination, target: .tunnel(name: name, address: address), source: own?.base,
        mtu: path.mtu.map { $0 - min($0, Tunnel.overhead(address.family)) })
    }
    return nil
  }
}
