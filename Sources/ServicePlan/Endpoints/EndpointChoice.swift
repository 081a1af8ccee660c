package import NetworkTypes

/// Which endpoints of a Service port take traffic, by upstream's rules: those that are ready; where none is, those that
/// still serve while they terminate. That is decided for the whole cluster and for this node separately.
package struct EndpointChoice: Hashable, Sendable {
  /// What clients of a scope are led to.
  package struct Group: Hashable, Sendable {
    /// In ascending order, each once.
    package fileprivate(set) var chosen: [SocketEndpoint] = []
    /// Endpoints that get no new traffic and still serve what they have: UDP flows to them may go on.
    package fileprivate(set) var others: Set<SocketEndpoint> = []

    package init() {}
  }

  package private(set) var cluster = Group()
  package private(set) var local = Group()
  /// Whether any endpoint anywhere could take traffic.
  package private(set) var hasAny = false

  package init() {}

  /// - Parameters:
  ///   - candidates: endpoints with the Service port's own number, each once.
  ///   - node, zone: where this node is, to which hints refer.
  init(_ candidates: [EndpointCandidate], node: String, zone: String?) {
    let ready = candidates.filter(\.isReady)
    let ending = candidates.filter { !$0.isReady && $0.isServing && $0.isTerminating }
    hasAny = !ready.isEmpty || !ending.isEmpty
    let distribution = TrafficDistribution(ready, node: node, zone: zone)
    let near = ready.filter { distribution.admits($0) }
    cluster.chosen = (ready.isEmpty ? ending : near).map(\.target).sorted()
    let localReady = ready.filter(\.isLocal)
    local.chosen = (localReady.isEmpty ? ending.filter(\.isLocal) : localReady).map(\.target).sorted()
    let serving = candidates.filter(\.isServing)
    cluster.others = Set(serving.map(\.target)).subtracting(cluster.chosen)
    local.others = Set(serving.filter(\.isLocal).map(\.target)).subtracting(local.chosen)
  }

  package subscript(scope: EndpointScope) -> Group { scope == .cluster ? cluster : local }
}

/// An endpoint as one port of its Service sees it.
struct EndpointCandidate: Hashable, Sendable {
  let target: SocketEndpoint
  var isReady: Bool
  var isServing: Bool
  var isTerminating: Bool
  /// On this node.
  var isLocal: Bool
  let zoneHints: Set<String>
  let nodeHints: Set<String>

  /// Takes in the same endpoint out of another slice: what is ready in one of them is ready.
  func merged(with other: EndpointCandidate) -> EndpointCandidate {
    var result = !isReady && other.isReady ? other : self
    result.isServing = isServing || other.isServing
    result.isTerminating = isTerminating || other.isTerminating
    result.isLocal = isLocal || other.isLocal
    return result
  }
}

/// Whether hints narrow the choice down. They do where every ready endpoint has one and at least one is meant for this
/// node, or else for this node's zone; otherwise they are ignored.
enum TrafficDistribution: Hashable, Sendable {
  case everywhere
  case sameNode(String)
  case sameZone(String)

  init(_ ready: [EndpointCandidate], node: String, zone: String?) {
    self = .everywhere
    guard !ready.isEmpty else { return }
    if ready.allSatisfy({ !$0.nodeHints.isEmpty }), ready.contains(where: { $0.nodeHints.contains(node) }) {
      self = .sameNode(node)
    } else if let zone, ready.allSatisfy({ !$0.zoneHints.isEmpty }),
      ready.contains(where: { $0.zoneHints.contains(zone) })
    {
      self = .sameZone(zone)
    }
  }

  func admits(_ endpoint: EndpointCandidate) -> Bool {
    switch self {
    case .everywhere: true
    case .sameNode(let node): endpoint.nodeHints.contains(node)
    case .sameZone(let zone): endpoint.zoneHints.contains(zone)
    }
  }
}
