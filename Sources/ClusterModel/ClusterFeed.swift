import HashTreeCollections
import Synchronization

/// A snapshot together with all that changed since the one the same reader got before.
package struct ClusterUpdate: Sendable {
  package let snapshot: ClusterSnapshot
  package let change: ClusterChange
  /// True for a reader's first update: everything is new to it, and `change` names every object.
  package let isFirst: Bool

  package init(snapshot: ClusterSnapshot, change: ClusterChange, isFirst: Bool) {
    self.snapshot = snapshot
    self.change = change
    self.isFirst = isFirst
  }
}

/// Keeps the current snapshot and hands it to any number of readers.
///
/// Readers get nothing before ``markSynced()``: a half-read cluster would make them withdraw what is in force.
/// A reader that is slow misses no change: what gathers meanwhile comes as one update.
package final class ClusterFeed: Sendable {
  private struct Reader {
    var change = ClusterChange()
    var hasRead = false
    var waiter: CheckedContinuation<ClusterUpdate?, Never>?
  }

  private struct State {
    var snapshot = ClusterSnapshot()
    var isSynced = false
    var isFinished = false
    var readers: [Int: Reader] = [:]
    var nextReader = 0
  }

  private let state = Mutex(State())

  package init() {}

  /// The snapshot as it is now, synced or not.
  package var snapshot: ClusterSnapshot { state.withLock { $0.snapshot } }

  /// Takes in events as one change.
  package func apply(_ events: some Sequence<ClusterEvent>) {
    wake { state in
      var change = ClusterChange()
      for event in events { change.merge(state.snapshot.apply(event)) }
      guard !change.isEmpty else { return }
      for key in state.readers.keys { state.readers[key]?.change.merge(change) }
    }
  }

  /// Says that every kind has been listed once; readers start here.
  package func markSynced() { wake { $0.isSynced = true } }

  /// Ends every reader's stream.
  package func finish() { wake { $0.isFinished = true } }

  package func subscribe() -> ClusterSubscription {
    let key = state.withLock { state in
      state.nextReader += 1
      state.readers[state.nextReader] = Reader()
      return state.nextReader
    }
    return ClusterSubscription(feed: self, key: key)
  }

  fileprivate func next(_ key: Int) async -> ClusterUpdate? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        wake { $0.readers[key]?.waiter = continuation }
        // A task cancelled before it waited would otherwise wait for ever.
        if Task.isCancelled { release(key) }
      }
    } onCancel: {
      release(key)
    }
  }

  fileprivate func unsubscribe(_ key: Int) {
    state.withLock { $0.readers.removeValue(forKey: key) }?.waiter?.resume(returning: nil)
  }

  private func release(_ key: Int) {
    let waiter = state.withLock { state in
      defer { state.readers[key]?.waiter = nil }
      return state.readers[key]?.waiter
    }
    waiter?.resume(returning: nil)
  }

  /// Changes the state, then resumes the readers that wait and have something to read, outside the lock.
  private func wake(after body: (inout State) -> Void) {
    let resumptions = state.withLock { state in
      body(&state)
      var resumptions: [(CheckedContinuation<ClusterUpdate?, Never>, ClusterUpdate?)] = []
      for (key, reader) in state.readers {
        guard let waiter = reader.waiter else { continue }
        if state.isFinished {
          state.readers[key]?.waiter = nil
          resumptions.append((waiter, nil))
        } else if state.isSynced, !reader.hasRead || !reader.change.isEmpty {
          let change = reader.hasRead ? reader.change : Self.everything(in: state.snapshot)
          state.readers[key] = Reader(hasRead: true)
          resumptions.append(
            (waiter, ClusterUpdate(snapshot: state.snapshot, change: change, isFirst: !reader.hasRead)))
        }
      }
      return resumptions
    }
    for (waiter, update) in resumptions { waiter.resume(returning: update) }
  }

  private static func everything(in snapshot: ClusterSnapshot) -> ClusterChange {
    var change = ClusterChange()
    change.services = Set(snapshot.services.keys).union(snapshot.slices.keys)
    change.serviceObjects = Set(snapshot.services.keys)
    change.endpointSlices = Set(snapshot.serviceOfSlice.keys)
    change.pods = Set(snapshot.pods.keys)
    change.nodes = Set(snapshot.nodes.keys)
    change.namespaces = Set(snapshot.namespaces.keys)
    change.policies = Set(snapshot.policies.keys).union(snapshot.auditedPolicies.keys)
    change.serviceRanges = Set(snapshot.serviceRanges.keys)
    change.attachments = Set(snapshot.attachments.keys)
    return change
  }
}

/// One reader's place in a ``ClusterFeed``; one task at a time may wait on it. It ends with its last reference.
package final class ClusterSubscription: Sendable {
  private let feed: ClusterFeed
  private let key: Int

  fileprivate init(feed: ClusterFeed, key: Int) {
    self.feed = feed
    self.key = key
  }

  deinit { feed.unsubscribe(key) }

  /// Waits until something has changed; `nil` when the feed has ended or the task was cancelled.
  package func next() async -> ClusterUpdate? { await feed.next(key) }
}
