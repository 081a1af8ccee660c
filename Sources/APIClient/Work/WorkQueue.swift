import Synchronization

/// Keys to work on. A key that is added twice before its turn is worked on once; one that is added while it is being
/// worked on is worked on again afterwards, never twice at a time. Failures are tried again after growing pauses.
package final class WorkQueue<Key: Hashable & Sendable>: Sendable {
  private enum Signal: Sendable {
    case ready
    case later(Key, Duration)
  }

  private struct State {
    var waiting: [Key] = []
    var head = 0
    var dirty: Set<Key> = []
    var inWork: Set<Key> = []
    var failures: [Key: Int] = [:]

    mutating func takeNext(limit: Int) -> Key? {
      guard inWork.count < limit, head < waiting.count else { return nil }
      let key = waiting[head]
      head += 1
      if head > 64, head * 2 > waiting.count {
        waiting.removeFirst(head)
        head = 0
      }
      dirty.remove(key)
      inWork.insert(key)
      return key
    }
  }

  private let state = Mutex(State())
  private let signals: AsyncStream<Signal>
  private let intake: AsyncStream<Signal>.Continuation
  private let clock: any Clock<Duration>
  private let initialRetry: Duration
  private let maximumRetry: Duration

  package init(
    clock: any Clock<Duration> = ContinuousClock(), initialRetry: Duration = .milliseconds(5),
    maximumRetry: Duration = .seconds(30)
  ) {
    self.clock = clock
    self.initialRetry = initialRetry
    self.maximumRetry = maximumRetry
    (signals, intake) = AsyncStream.makeStream()
  }

  package func add(_ key: Key) {
    let isNew = state.withLock { state in
      guard state.dirty.insert(key).inserted, !state.inWork.contains(key) else { return false }
      state.waiting.append(key)
      return true
    }
    if isNew { intake.yield(.ready) }
  }

  package func add(_ key: Key, after delay: Duration) {
    if delay <= .zero { add(key) } else { intake.yield(.later(key, delay)) }
  }

  /// Works until the task is cancelled, on up to `workers` keys at a time.
  ///
  /// `work` returns after what time the key is to be worked on again, if at all; what it throws is handed to
  /// `failed` and tried again.
  package func run(
    workers: Int, work: @escaping @Sendable (Key) async throws -> Duration?,
    failed: @escaping @Sendable (Key, any Error) -> Void
  ) async {
    await withDiscardingTaskGroup { group in
      for await signal in signals {
        switch signal {
        case .later(let key, let delay):
          group.addTask { [clock] in
            // Cancellation ends the run, and with it the wait.
            if (try? await clock.sleep(for: delay)) != nil { self.add(key) }
          }
        case .ready:
          while let key = state.withLock({ $0.takeNext(limit: workers) }) {
            group.addTask {
              await self.work(on: key, work, failed)
            }
          }
        }
      }
    }
  }

  private func work(
    on key: Key, _ work: @Sendable (Key) async throws -> Duration?, _ failed: @Sendable (Key, any Error) -> Void
  ) async {
    var delay: Duration?
    do {
      delay = try await work(key)
      state.withLock { _ = $0.failures.removeValue(forKey: key) }
    } catch is CancellationError {
      delay = nil
    } catch {
      failed(key, error)
      let count = state.withLock { state in
        state.failures[key, default: 0] += 1
        return state.failures[key, default: 1]
      }
      delay = min(initialRetry * (1 << min(count - 1, 20)), maximumRetry)
    }
    state.withLock { state in
      state.inWork.remove(key)
      if state.dirty.contains(key) { state.waiting.append(key) }
    }
    intake.yield(.ready)
    if let delay { add(key, after: delay) }
  }
}
