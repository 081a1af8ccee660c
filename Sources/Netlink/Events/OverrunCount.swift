/// Makes out how many events a socket had no room for, of what the kernel says of it: its count of drops, and the error
/// ENOBUFS. That error comes for a full buffer, which is counted, and where the kernel had no memory for an event, which
/// nobody counts.
struct OverrunCount: Sendable {
  private var drops: UInt32 = 0
  /// The count when the error last came.
  private var dropsAtError: UInt32 = 0

  /// Takes in what was seen of the socket since the last call.
  /// - Parameters:
  ///   - drops: the socket's count so far, which may overflow; `nil` where the kernel does not say.
  ///   - hasFailed: whether the error came.
  /// - Returns: what was lost, without ``EventLoss/displaced`` and ``EventLoss/unreadable``.
  mutating func take(drops: UInt32?, hasFailed: Bool) -> EventLoss {
    var loss = EventLoss()
    let now = drops ?? self.drops
    loss.overrun = Int(now &- self.drops)
    self.drops = now
    guard hasFailed else { return loss }
    // What was counted may have been read before its error was.
    if now == dropsAtError { loss.uncounted = 1 }
    dropsAtError = now
    return loss
  }
}
