package import NamePlan
import Synchronization

/// The index as it is now, for any number of threads. Readers look at a counter and take a new copy only when it has
/// moved on.
package final class NameTable: Sendable {
  private let version = Atomic<UInt64>(0)
  private let current: Mutex<NameIndex?> = Mutex(nil)
  private let first = AsyncStream.makeStream(of: Void.self)

  package init() {}

  /// Puts a new index in the place of the last; queries that begin afterwards see it.
  package func publish(_ index: NameIndex) {
    current.withLock { $0 = index }
    version.add(1, ordering: .releasing)
    first.continuation.finish()
  }

  /// Waits for the first index, or for the task's cancellation. One task at a time.
  func waitForFirst() async { for await _ in first.stream {} }

  /// The index; `nil` until the cluster has been read once.
  package var index: NameIndex? { current.withLock { $0 } }

  /// Renews a reader's copy where a newer one is there.
  func refresh(_ copy: inout NameIndex?, _ seen: inout UInt64) {
    let now = version.load(ordering: .acquiring)
    guard now != seen else { return }
    seen = now
    copy = index
  }
}
