package import JSONTree
package import KubernetesAPI

/// Growing pauses between tries, with jitter so that many clients do not come back at once.
package struct Backoff: Sendable {
  package let initial: Duration
  package let maximum: Duration
  package let factor: Double
  /// Up to this share of a pause is added at random.
  package let jitter: Double
  private var current: Duration

  package init(
    initial: Duration = .milliseconds(25), maximum: Duration = .seconds(5), factor: Double = 2, jitter: Double = 0.5
  ) {
    self.initial = initial
    self.maximum = maximum
    self.factor = factor
    self.jitter = jitter
    current = initial
  }

  /// The next pause.
  package mutating func next() -> Duration {
    let pause = current
    current = min(current * factor, maximum)
    return pause * (1 + Double.random(in: 0...jitter))
  }

  package mutating func reset() { current = initial }
}

extension APIClient {
  /// Reads an object, changes it and writes it, again as long as another write comes between.
  ///
  /// `change` returns `nil` where there is nothing to do. Throws what the API answers, conflicts after ten tries.
  @discardableResult
  package func modify(
    _ kind: ResourceKind, namespace: String? = nil, name: String, subresource: String? = nil,
    _ change: @Sendable (JSON) throws -> JSON?
  ) async throws -> JSON {
    var backoff = Backoff(initial: .milliseconds(5), maximum: .milliseconds(500))
    var attempt = 0
    while true {
      attempt += 1
      let current = try await get(kind, namespace: namespace, name: name)
      guard let changed = try change(current), changed != current else { return current }
      do {
        return try await update(kind, changed, subresource: subresource)
      } catch let error as APIError where error.isConflict && attempt < 10 {
        try await Task.sleep(for: backoff.next())
      }
    }
  }
}
