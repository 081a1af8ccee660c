import APIClient
import JSONTree
import KubernetesAPI
import Synchronization

/// Objects that were written and that the informer has not shown yet, by the key they were written for. Deciding on
/// the old state would write them twice.
final class PendingWrites: Sendable {
  private struct Write {
    let version: Int
    let since: ContinuousClock.Instant
  }

  private let pending = Mutex<[ObjectName: [ObjectName: Write]]>([:])
  private let patience = Duration.seconds(5)

  /// Takes down that `object` was written for `key`, unless `informer` shows it already.
  func record(_ object: JSON, for key: ObjectName, in informer: Informer) {
    let version = Int(object.resourceVersion) ?? 0
    pending.withLock { pending in
      if let shown = informer.get(object.objectName), Int(shown.resourceVersion) ?? 0 >= version { return }
      pending[key, default: [:]][object.objectName] = Write(version: version, since: .now)
    }
  }

  /// Takes down what the informer told of an object; returns the keys that it concerns.
  /// - Parameter key: what an object was written for; `nil` where it is somebody else's.
  func keys(of event: InformerEvent, _ key: (JSON) -> ObjectName?) -> [ObjectName] {
    var keys: [ObjectName] = []
    if case .updated(let old, _) = event, let former = key(old) { keys.append(former) }
    guard let object = event.object, let present = key(object) else { return keys }
    var isDeleted = false
    if case .deleted = event { isDeleted = true }
    observed(object, isDeleted: isDeleted, for: present)
    return keys + [present]
  }

  private func observed(_ object: JSON, isDeleted: Bool, for key: ObjectName) {
    pending.withLock { pending in
      guard let write = pending[key]?[object.objectName] else { return }
      guard isDeleted || Int(object.resourceVersion) ?? 0 >= write.version else { return }
      pending[key]?[object.objectName] = nil
      if pending[key]?.isEmpty ?? false { pending[key] = nil }
    }
  }

  /// Whether everything written for `key` has been shown. What is not shown within five seconds is taken to be gone.
  func isSettled(_ key: ObjectName) -> Bool {
    pending.withLock { pending in
      guard let writes = pending[key] else { return true }
      let open = writes.filter { ContinuousClock.now - $0.value.since < patience }
      pending[key] = open.isEmpty ? nil : open
      return open.isEmpty
    }
  }

  func forget(_ key: ObjectName) { pending.withLock { $0[key] = nil } }
}
