import NIOCore
import Synchronization

/// What a client has sent to a port and the pod has not taken yet; whoever puts more than a little waits.
final class PortInput: Sendable {
  private struct State {
    var waiting: [ByteBuffer] = []
    var waitingBytes: Int { waiting.reduce(0) { $0 + $1.readableBytes } }
    var isEnded = false
    var taker: CheckedContinuation<Void, Never>?
    var giver: CheckedContinuation<Void, Never>?
  }

  private static let maximumWaiting = 1 << 20
  private let state = Mutex(State())

  /// Waits until there is room. After the end it drops the bytes.
  func put(_ bytes: ByteBuffer) async {
    wake(\.taker) { if !$0.isEnded { $0.waiting.append(bytes) } }
    await wait(\.giver) { $0.isEnded || $0.waitingBytes < Self.maximumWaiting }
  }

  /// `nil` after the end, or where the task is cancelled.
  func next() async -> ByteBuffer? {
    await wait(\.taker) { $0.isEnded || !$0.waiting.isEmpty }
    var bytes: ByteBuffer?
    wake(\.giver) { bytes = $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
    return bytes
  }

  func end() {
    wake(\.taker) { $0.isEnded = true }
    wake(\.giver) { $0.waiting = [] }
  }

  private typealias Waiter = WritableKeyPath<State, CheckedContinuation<Void, Never>?> & Sendable

  private func wait(_ waiter: Waiter, until isReady: @escaping @Sendable (State) -> Bool) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let goesOn = state.withLock { state in
          if Task.isCancelled || isReady(state) { return true }
          state[keyPath: waiter] = continuation
          return false
        }
        if goesOn { continuation.resume() }
      }
    } onCancel: {
      wake(waiter) { _ in }
    }
  }

  private func wake(_ waiter: Waiter, _ change: (inout State) -> Void) {
    let waiting = state.withLock { state in
      change(&state)
      defer { state[keyPath: waiter] = nil }
      return state[keyPath: waiter]
    }
    waiting?.resume()
  }
}
