internal import Synchronization

/// A gate that opens once. Whoever comes earlier waits for it.
package final class Readiness: Sendable {
  private struct State {
    var isOpen = false
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    var next = 0
  }

  private let state = Mutex(State())

  package init() {}

  package var isOpen: Bool { state.withLock { $0.isOpen } }

  package func open() {
    let waiters = state.withLock { state in
      state.isOpen = true
      defer { state.waiters = [:] }
      return state.waiters.values
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Returns when the gate is open, when the time is up or when the task is cancelled.
  package func wait(atMost patience: Duration) async {
    if isOpen { return }
    await withTaskGroup { group in
      group.addTask { await self.wait() }
      group.addTask { _ = try? await Task.sleep(for: patience) }
      await group.next()
      group.cancelAll()
    }
  }

  private func wait() async {
    let number = state.withLock { state in
      state.next += 1
      return state.next
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.isOpen || Task.isCancelled { return true }
          state.waiters[number] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
    }
  }
}
