/// When a program that ended is to be started again: at once, and ever later where it keeps ending soon after its start.
package struct RestartPolicy: Sendable, Hashable {
  /// A program that ran this long has not failed to start. Whatever ends it then, names and pods wait for its return.
  package static let settled = Duration.seconds(2)
  /// Restarts without delay before the waiting begins.
  package static let immediateRestarts = 3
  package static let longestDelay = Duration.seconds(5)

  private var earlyEnds = 0

  package init() {}

  /// The delay before the next start, after a run of that length.
  package mutating func delay(afterRunning length: Duration) -> Duration {
    earlyEnds = length >= Self.settled ? 1 : earlyEnds + 1
    guard earlyEnds > Self.immediateRestarts else { return .zero }
    let doublings = min(earlyEnds - Self.immediateRestarts - 1, 10)
    return min(.milliseconds(100) * (1 << doublings), Self.longestDelay)
  }
}
