import Synchronization

/// Which state of the cluster a node has in force: that which every part has come to. Whoever wants a state waits for it.
package final class SnapshotsInForce: Sendable {
  private struct Waiter {
    let condition: @Sendable (ClusterSnapshot) -> Bool
    let continuation: CheckedContinuation<Bool, Never>
  }

  private struct State {
    var snapshots: [String: ClusterSnapshot] = [:]
    var waiters: [Int: Waiter] = [:]
    var nextWaiter = 0

    func satisfies(_ condition: (ClusterSnapshot) -> Bool, _ parts: [String]) -> Bool {
      parts.allSatisfy { snapshots[$0].map(condition) ?? false }
    }
  }

  private let parts: [String]
  private let state = Mutex(State())

  /// - Parameter parts: the names of those who take part; nothing is in force before each has spoken.
  package init(parts: [String]) { self.parts = parts }

  /// Says what `part` has in force now.
  package func put(_ part: String, _ snapshot: ClusterSnapshot) {
    let satisfied = state.withLock { state in
      state.snapshots[part] = snapshot
      let keys = state.waiters.filter { state.satisfies($0.value.condition, parts) }.keys
      return keys.compactMap { state.waiters.removeValue(forKey: $0) }
    }
    for waiter in satisfied { waiter.continuation.resume(returning: true) }
  }

  /// Waits until all parts have a state in force that meets the condition.
  /// - Returns: false where the time was up or the task was cancelled before.
  package func wait(
    atMost patience: Duration, until condition: @escaping @Sendable (ClusterSnapshot) -> Bool
  ) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask { await self.wait(until: condition) }
      group.addTask {
        // A sleep that is cut short is one whose answer nobody reads, or whose caller was cancelled: not met, either way.
        try? await Task.sleep(for: patience)
        return false
      }
      defer { group.cancelAll() }
      return await group.next() ?? false
    }
  }

  private func wait(until condition: @escaping @Sendable (ClusterSnapshot) -> Bool) async -> Bool {
    let key = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isMet = state.withLock { state in
          if state.satisfies(condition, parts) { return true }
          state.waiters[key] = Waiter(condition: condition, continuation: continuation)
          return false
        }
        if isMet { return continuation.resume(returning: true) }
        // A task cancelled before it waited would otherwise wait for ever.
        if Task.isCancelled { giveUp(key) }
      }
    } onCancel: {
      giveUp(key)
    }
  }

  private func giveUp(_ key: Int) {
    state.withLock { $0.waiters.removeValue(forKey: key) }?.continuation.resume(returning: false)
  }
}
