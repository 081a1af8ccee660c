import Synchronization

/// The newest revision that every watch cache has taken in.
///
/// A cache whose resource did not change is up to date at it too, without anybody telling each of them.
final class CommittedRevision: Sendable {
  private let value: Atomic<Int64>

  init(_ revision: Int64) { value = Atomic(revision) }

  var revision: Int64 { value.load(ordering: .acquiring) }

  func advance(to revision: Int64) { value.store(revision, ordering: .releasing) }
}
