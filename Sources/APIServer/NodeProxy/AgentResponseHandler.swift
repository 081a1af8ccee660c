import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// Reads one response from an agent and passes its body on as a stream. When the taker is slow, reading stops.
final class AgentResponseHandler: ChannelInboundHandler, ResponseStream {
  typealias InboundIn = HTTPClientResponsePart

  private struct State {
    var waiting: [ByteBuffer] = []
    var waitingBytes = 0
    var isFinished = false
    var failure: (any Error)?
    var taker: CheckedContinuation<Void, Never>?
    var channel: (any Channel)?
    var isPaused = false
  }

  private static let maximumWaiting = 1 << 20
  private let state = NIOLockedValueBox(State())
  private let head: EventLoopPromise<HTTPResponseHead>

  init(head: EventLoopPromise<HTTPResponseHead>) { self.head = head }

  func handlerAdded(context: ChannelHandlerContext) {
    let channel = context.channel
    state.withLockedValue { $0.channel = channel }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let response): head.succeed(response)
    case .body(let part): push(part, context)
    case .end:
      finish(nil)
      context.close(promise: nil)
    }
  }

  private func push(_ part: ByteBuffer, _ context: ChannelHandlerContext) {
    let (taker, pauses) = state.withLockedValue { state in
      state.waiting.append(part)
      state.waitingBytes += part.readableBytes
      let pauses = state.waitingBytes > Self.maximumWaiting && !state.isPaused
      if pauses { state.isPaused = true }
      defer { state.taker = nil }
      return (state.taker, pauses)
    }
    if pauses { context.channel.setOption(.autoRead, value: false).whenComplete { _ in } }
    taker?.resume()
  }

  private func finish(_ error: (any Error)?) {
    let taker = state.withLockedValue { state in
      if !state.isFinished { state.failure = error }
      state.isFinished = true
      defer { state.taker = nil }
      return state.taker
    }
    taker?.resume()
  }

  func channelInactive(context: ChannelHandlerContext) {
    head.fail(ChannelError.eof)
    finish(ChannelError.eof)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    head.fail(error)
    finish(error)
    context.close(promise: nil)
  }

  func cancel() {
    finish(CancellationError())
    state.withLockedValue { $0.channel }?.close(promise: nil)
  }

  func next() async throws -> ByteBuffer? {
    while true {
      let (part, isFinished, failure, resumes) = state.withLockedValue { state in
        guard !state.waiting.isEmpty else { return (ByteBuffer?.none, state.isFinished, state.failure, false) }
        let part = state.waiting.removeFirst()
        state.waitingBytes -= part.readableBytes
        let resumes = state.isPaused && state.waitingBytes < Self.maximumWaiting / 2
        if resumes { state.isPaused = false }
        return (part, false, nil, resumes)
      }
      if resumes, let channel = state.withLockedValue({ $0.channel }) {
        channel.setOption(.autoRead, value: true).whenComplete { _ in }
      }
      if let part { return part }
      if let failure { throw failure }
      if isFinished { return nil }
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          let isReady = state.withLockedValue { state in
            if state.isFinished || !state.waiting.isEmpty { return true }
            state.taker = continuation
            return false
          }
          if isReady { continuation.resume() }
        }
      } onCancel: {
        cancel()
      }
    }
  }
}
