import Synchronization

/// Counters of a name server since its start.
package final class NameServerMetrics: Sendable {
  package struct Values: Hashable, Sendable {
    package var queries = 0
    package var answeredFromCluster = 0
    package var noSuchName = 0
    package var malformed = 0
    package var truncated = 0
    package var forwarded = 0
    package var forwardedFromCache = 0
    package var forwardFailures = 0
  }

  private let values = Mutex(Values())

  package init() {}

  package var now: Values { values.withLock { $0 } }

  /// Adds what a thread has counted, and clears its counts.
  func add(_ counted: inout Values) {
    guard counted != Values() else { return }
    values.withLock {
      $0.queries += counted.queries
      $0.answeredFromCluster += counted.answeredFromCluster
      $0.noSuchName += counted.noSuchName
      $0.malformed += counted.malformed
      $0.truncated += counted.truncated
      $0.forwarded += counted.forwarded
      $0.forwardedFromCache += counted.forwardedFromCache
      $0.forwardFailures += counted.forwardFailures
    }
    counted = Values()
  }
}
