import Synchronization

/// Up to which withdrawal of endpoints (``ClusterSnapshot/withdrawal``) a node has put the cluster in force: the least that
/// any of its parts has. Each part says how far it has come; one reader follows.
package final class WithdrawalsInForce: Sendable {
  private let parts: Mutex<[String: UInt64]>
  /// An element for each time ``revision`` may have grown; a reader that is slow gets one for several.
  package let news: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  /// - Parameter parts: the names of those who take part; nothing is in force before each has spoken.
  package init(parts: [String]) {
    self.parts = Mutex(Dictionary(uniqueKeysWithValues: parts.map { ($0, 0) }))
    (news, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// 0 until every part has spoken.
  package var revision: UInt64 { parts.withLock { $0.values.min() ?? 0 } }

  /// Says that `part` has everything in force up to a revision. An earlier one than before changes nothing.
  package func advance(_ part: String, to revision: UInt64) {
    let hasGrown = parts.withLock { parts in
      guard let known = parts[part], revision > known else { return false }
      parts[part] = revision
      return true
    }
    if hasGrown { continuation.yield() }
  }
}
