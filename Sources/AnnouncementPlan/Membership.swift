package import NetworkTypes

/// Which other nodes are heard. It has no clock: whoever calls says what time it is.
package struct Membership: Sendable {
  package typealias Instant = ContinuousClock.Instant

  private struct Peer {
    var deadline: Instant
    var isCandidate: Bool
    var links: [CIDR]
  }

  /// A node counts as gone once so many of its heartbeats are missing.
  package static let patience = 4

  private var peers: [String: Peer] = [:]

  package init() {}

  /// The nodes that are heard and say that they may be chosen, with the blocks of their links.
  package var candidates: [String: [CIDR]] { peers.filter(\.value.isCandidate).mapValues(\.links) }

  /// Takes in a heartbeat. Returns whether anything but the time has changed.
  ///
  /// - Parameter interval: the time until the node's next.
  package mutating func heard(
    _ node: String, isCandidate: Bool, links: [CIDR], interval: Duration, at now: Instant
  ) -> Bool {
    let former = peers[node]
    peers[node] = Peer(deadline: now + interval * Self.patience, isCandidate: isCandidate, links: links)
    return former?.isCandidate != isCandidate || former?.links != links
  }

  /// Forgets the nodes that have fallen silent, and those that `isKnown` does not know; returns their names.
  package mutating func expire(at now: Instant, isKnown: (String) -> Bool = { _ in true }) -> [String] {
    let gone = peers.filter { $0.value.deadline <= now || !isKnown($0.key) }.map(\.key)
    for name in gone { peers[name] = nil }
    return gone.sorted()
  }

  /// When the next node counts as gone, unless it is heard.
  package var nextDeadline: Instant? { peers.values.map(\.deadline).min() }
}
