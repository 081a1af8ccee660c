/// The pause before something that failed is tried again: doubled each time up to a limit, forgotten after a success.
struct RetryDelay: Sendable {
  private let first: Duration
  private let limit: Duration
  private var next: Duration

  init(first: Duration, limit: Duration) {
    self.first = first
    self.limit = limit
    next = first
  }

  /// The kubelet's for volumes.
  static let volumes = RetryDelay(first: .milliseconds(500), limit: .seconds(122))
  /// The kubelet tries a sandbox every ten seconds; the first tries here come sooner.
  static let sandboxes = RetryDelay(first: .seconds(1), limit: .seconds(10))

  mutating func take() -> Duration {
    defer { next = min(next * 2, limit) }
    return next
  }

  mutating func reset() { next = first }
}
