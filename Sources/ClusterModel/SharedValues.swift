import Synchronization

/// Gives equal values one storage: what thousands of objects say alike, such as their node's name or their labels, is
/// then in memory once.
package final class SharedValues<Value: Hashable & Sendable>: Sendable {
  private let limit: Int
  private let known = Mutex(Set<Value>())

  /// - Parameter limit: so many different values are known at a time. Then it begins anew: what is shared stays shared,
  ///   and values that are not in use any more go.
  package init(limit: Int = 4096) { self.limit = limit }

  /// The equal value that was given first, or this one.
  package func one(_ value: Value) -> Value {
    known.withLock { known in
      if known.count >= limit, !known.contains(value) { known = [] }
      return known.insert(value).memberAfterInsert
    }
  }
}
