internal import Synchronization

/// What the kernel told since it was last asked for, oldest first, and how much of it is missing.
package struct EventBatch<Event: Sendable>: Sendable {
  package var events: [Event] = []
  package var loss = EventLoss()

  package init() {}

  package var isEmpty: Bool { events.isEmpty && loss.isEmpty }
}

/// How many events are missing, by what became of them.
package struct EventLoss: Hashable, Sendable {
  /// The kernel found the socket's buffer full.
  package var overrun = 0
  /// They were read, and nobody took them in time: the oldest, before what is there.
  package var displaced = 0
  /// They were read and not understood.
  package var unreadable = 0
  /// How often the kernel lost some and did not count them: an unknown number each time, beside ``total``.
  package var uncounted = 0

  package init() {}

  /// Those that were counted.
  package var total: Int { overrun + displaced + unreadable }
  package var isEmpty: Bool { total == 0 && uncounted == 0 }

  package static func += (left: inout Self, right: Self) {
    left.overrun += right.overrun
    left.displaced += right.displaced
    left.unreadable += right.unreadable
    left.uncounted += right.uncounted
  }
}

/// Events on their way from the thread that reads them to one taker. What is too much displaces the oldest, and is counted.
package final class EventQueue<Event: Sendable>: Sendable {
  private struct State {
    var waiting: [Event] = []
    /// Where what is still wanted begins in `waiting`.
    var head = 0
    var loss = EventLoss()
    var isFinished = false
    var taker: CheckedContinuation<Void, Never>?

    var isEmpty: Bool { head == waiting.count && loss.isEmpty }
  }

  private let capacity: Int
  private let state = Mutex(State())

  /// - Parameter capacity: how many events wait at most.
  package init(capacity: Int) {
    precondition(capacity > 0, "a queue of nothing")
    self.capacity = capacity
  }

  package func put(_ events: [Event], _ loss: EventLoss = EventLoss()) {
    guard !events.isEmpty || !loss.isEmpty else { return }
    let taker = state.withLock { state in
      state.waiting += events
      state.loss += loss
      let excess = state.waiting.count - state.head - capacity
      if excess > 0 {
        state.head += excess
        state.loss.displaced += excess
      }
      // Now and then only: it moves all that waits.
      if state.head >= capacity {
        state.waiting.removeFirst(state.head)
        state.head = 0
      }
      return Self.wake(&state)
    }
    taker?.resume()
  }

  /// What waits is still given out, then no more.
  package func finish() {
    let taker = state.withLock { state in
      state.isFinished = true
      return Self.wake(&state)
    }
    taker?.resume()
  }

  /// All that waits, as soon as something does; `nil` at the end, or once the task is cancelled, which ends the queue. There
  /// is one taker at a time.
  package func next() async -> EventBatch<Event>? {
    while true {
      let (batch, isFinished) = state.withLock { ($0.isEmpty ? nil : Self.take(&$0), $0.isFinished) }
      if let batch { return batch }
      if isFinished { return nil }
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          let isReady = state.withLock { state in
            guard state.isEmpty, !state.isFinished else { return true }
            precondition(state.taker == nil, "two take from one queue of events")
            state.taker = continuation
            return false
          }
          if isReady { continuation.resume() }
        }
      } onCancel: {
        finish()
      }
    }
  }

  private static func take(_ state: inout State) -> EventBatch<Event> {
    var batch = EventBatch<Event>()
    batch.events = state.head == 0 ? state.waiting : Array(state.waiting[state.head...])
    batch.loss = state.loss
    state.waiting = []
    state.head = 0
    state.loss = EventLoss()
    return batch
  }

  private static func wake(_ state: inout State) -> CheckedContinuation<Void, Never>? {
    defer { state.taker = nil }
    return state.taker
  }
}
