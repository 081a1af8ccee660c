import NIOCore
import Synchronization

/// Waits for the one answer of a unary call: the message, an error, the deadline or cancellation, whichever is first.
final class UnaryCall: Sendable {
  private struct State {
    var message: ByteBuffer?
    var deadline: Scheduled<Void>?
    var isFinished = false
  }

  private let state = Mutex(State())
  private let promise: EventLoopPromise<ByteBuffer>
  private let method: String

  init(loop: any EventLoop, method: String) {
    promise = loop.makePromise()
    self.method = method
  }

  func answer() async throws -> ByteBuffer { try await promise.futureResult.get() }

  func start(stream: any Channel, timeout: TimeAmount?) {
    guard let timeout else { return }
    let deadline = stream.eventLoop.scheduleTask(in: timeout) { [self] in
      fail(
        ContainerRuntimeError(.deadlineExceeded, "\(method) had no answer within \(timeout.nanoseconds / 1_000_000) ms")
      )
      stream.close(promise: nil)
    }
    let finished = state.withLock {
      $0.deadline = deadline
      return $0.isFinished
    }
    if finished { deadline.cancel() }
  }

  func receive(_ event: GRPCResponseParser.Event) {
    switch event {
    case .message(let buffer): state.withLock { $0.message = buffer }
    case .success:
      guard let message = state.withLock({ $0.message }) else {
        fail(ContainerRuntimeError(.malformedAnswer, "\(method) succeeded without an answer"))
        return
      }
      if finish() { promise.succeed(message) }
    case .failure(let code, let message):
      fail(ContainerRuntimeError(code, message.isEmpty ? "\(method) failed" : message))
    }
  }

  func fail(_ error: ContainerRuntimeError) {
    if finish() { promise.fail(error) }
  }

  /// Whether the caller is the one to complete the promise.
  private func finish() -> Bool {
    let (first, deadline) = state.withLock { state in
      defer { state.isFinished = true }
      return (!state.isFinished, state.deadline)
    }
    deadline?.cancel()
    return first
  }
}
