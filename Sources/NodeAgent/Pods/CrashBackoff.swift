import KubernetesAPI

/// Growing delays between tries of something that keeps failing: 10 s, doubled up to 5 minutes, forgotten after
/// 10 quiet minutes. The first retry is not delayed.
struct CrashBackoff: Sendable {
  struct Entry: Sendable, Hashable {
    var delay: Duration
    /// When the last try began.
    var since: Timestamp
  }

  static let first = Duration.seconds(10)
  static let limit = Duration.seconds(300)

  private var entries: [String: Entry] = [:]

  /// Whether the try must wait until when, and the delay that counts; `nil`: go ahead.
  func wait(_ key: String, failedAt: Timestamp, now: Timestamp) -> (until: Timestamp, delay: Duration)? {
    guard let entry = entries[key], !isForgotten(entry, failedAt) else { return nil }
    let until = failedAt + entry.delay
    return now < until ? (until, entry.delay) : nil
  }

  /// Notes a try that begins now, after a failure at `failedAt`; the next one waits longer.
  mutating func noteTry(_ key: String, failedAt: Timestamp, now: Timestamp) {
    if let entry = entries[key], !isForgotten(entry, failedAt) {
      entries[key] = Entry(delay: min(entry.delay * 2, Self.limit), since: now)
    } else {
      entries[key] = Entry(delay: Self.first, since: now)
    }
  }

  mutating func reset(_ key: String) { entries[key] = nil }

  private func isForgotten(_ entry: Entry, _ failedAt: Timestamp) -> Bool { failedAt - entry.since > Self.limit * 2 }
}
