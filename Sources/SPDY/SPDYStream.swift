import NIOConcurrencyHelpers
package import NIOCore

/// One stream of a connection, for tasks: read until `nil`, write, end.
package final class SPDYStream: Sendable {
  private struct State {
    var waiting: [ByteBuffer] = []
    var isEnded = false
    var failure: SPDYError?
    var taker: CheckedContinuation<Void, Never>?
  }

  package let id: UInt32
  package let headers: SPDYHeaders
  private let state = NIOLockedValueBox(State())
  private let handler: NIOLoopBound<SPDYHandler>
  private let eventLoop: any EventLoop

  init(id: UInt32, headers: SPDYHeaders, handler: SPDYHandler, eventLoop: any EventLoop) {
    self.id = id
    self.headers = headers
    self.handler = NIOLoopBound(handler, eventLoop: eventLoop)
    self.eventLoop = eventLoop
  }

  // MARK: For tasks

  /// The next bytes; `nil` when the peer sends no more. One task at a time.
  /// - Throws: ``SPDYError`` where the stream was reset or the connection closed; `CancellationError`.
  package func next() async throws -> ByteBuffer? {
    while true {
      try Task.checkCancellation()
      let (part, isEnded, failure) = state.withLockedValue { state in
        (state.waiting.isEmpty ? nil : state.waiting.removeFirst(), state.isEnded, state.failure)
      }
      if let part {
        eventLoop.execute { self.handler.value.taken(part.readableBytes) }
        return part
      }
      if let failure { throw failure }
      if isEnded { return nil }
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          let isReady = state.withLockedValue { state in
            if Task.isCancelled || state.isEnded || state.failure != nil || !state.waiting.isEmpty { return true }
            state.taker = continuation
            return false
          }
          if isReady { continuation.resume() }
        }
      } onCancel: {
        wake { _ in }
      }
    }
  }

  /// Returns when the bytes have left: a slow peer holds the writer back.
  package func write(_ bytes: ByteBuffer) async throws {
    try await eventLoop.flatSubmit { self.handler.value.send(bytes, on: self.id, isLast: false) }.get()
  }

  /// Ends this side of the stream; a second time it does nothing.
  package func finish() async {
    try? await eventLoop.flatSubmit { self.handler.value.send(ByteBuffer(), on: self.id, isLast: true) }.get()
  }

  /// Gives the stream up in both directions, and what was not read of it.
  package func reset() async {
    try? await eventLoop.submit {
      let handler = self.handler.value
      handler.taken(self.drop(SPDYError(.streamFinished, "the stream was given up")))
      handler.reset(self.id, status: SPDYFrame.ResetStatus.cancel)
    }.get()
  }

  // MARK: For the handler

  func push(_ bytes: ByteBuffer) { wake { $0.waiting.append(bytes) } }
  func end() { wake { $0.isEnded = true } }
  func fail(_ error: SPDYError) { wake { if !$0.isEnded, $0.failure == nil { $0.failure = error } } }

  /// Drops what was not read; returns how many bytes that were.
  func drop(_ error: SPDYError) -> Int {
    var dropped = 0
    wake { state in
      dropped = state.waiting.reduce(0) { $0 + $1.readableBytes }
      state.waiting = []
      if state.failure == nil { state.failure = error }
    }
    return dropped
  }

  private func wake(_ change: (inout State) -> Void) {
    let taker = state.withLockedValue { state in
      change(&state)
      defer { state.taker = nil }
      return state.taker
    }
    taker?.resume()
  }
}
