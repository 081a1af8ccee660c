import KubernetesAPI
import Synchronization

/// What a controller has done that its informer has not shown yet. Until it has, the controller must not count pods:
/// it would create or delete the same ones again.
final class Expectations: Sendable {
  private struct Pending {
    var creations = 0
    var deletions: Set<String> = []
    let since: ContinuousClock.Instant
  }

  private let pending = Mutex<[ObjectName: Pending]>([:])
  /// After this long an event is taken to be lost.
  private let patience = Duration.seconds(300)

  func isSatisfied(_ owner: ObjectName) -> Bool {
    pending.withLock { pending in
      guard let entry = pending[owner] else { return true }
      return (entry.creations <= 0 && entry.deletions.isEmpty) || ContinuousClock.now - entry.since > patience
    }
  }

  func expectCreations(_ count: Int, of owner: ObjectName) {
    pending.withLock { $0[owner] = Pending(creations: count, since: .now) }
  }

  func expectDeletions(_ uids: some Sequence<String>, of owner: ObjectName) {
    pending.withLock { $0[owner] = Pending(deletions: Set(uids), since: .now) }
  }

  /// A creation was seen, or did not come about.
  func creationObserved(_ owner: ObjectName) { pending.withLock { $0[owner]?.creations -= 1 } }
  /// A deletion was seen, or did not come about.
  func deletionObserved(_ owner: ObjectName, uid: String) {
    pending.withLock { _ = $0[owner]?.deletions.remove(uid) }
  }

  func forget(_ owner: ObjectName) { pending.withLock { $0[owner] = nil } }
}
