import HTTPTypes
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// Reads a node's answer: its head becomes the promised response, its body a stream that is read as fast as it is
/// taken. After a `101` it takes HTTP off the channel and leaves it for a tunnel.
final class NodeAnswerHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPClientResponsePart

  private let answer: EventLoopPromise<APIServerResponse>
  private var stream: ChannelStream?
  private var isUpgrading = false

  init(answer: EventLoopPromise<APIServerResponse>) { self.answer = answer }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      var headers = HTTPFields()
      for (name, value) in head.headers {
        let isHopByHop = head.status != .switchingProtocols && Self.hopByHop.contains(name.lowercased())
        if !isHopByHop, let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
      }
      let status = HTTPResponse.Status(code: Int(head.status.code), reasonPhrase: head.status.reasonPhrase)
      if head.status == .switchingProtocols {
        isUpgrading = true
        return leaveTunnel(context, status, headers)
      }
      let stream = ChannelStream(channel: context.channel)
      self.stream = stream
      answer.succeed(APIServerResponse(status: status, headers: headers, body: .stream(stream)))
    case .body(let part): stream?.push(part)
    case .end: stream?.finish()
    }
  }

  /// RFC 9110, section 7.6.1: these concern one connection and are not passed on.
  private static let hopByHop: Set<String> = [
    "connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-connection",
  ]

  private func leaveTunnel(
    _ context: ChannelHandlerContext, _ status: HTTPResponse.Status, _ headers: HTTPFields
  ) {
    let channel = context.channel
    let answer = answer
    let names = [HTTPUpgrader.encoder, HTTPUpgrader.edge]
    EventLoopFuture.andAllSucceed(names.map { channel.pipeline.removeHandler(name: $0) }, on: channel.eventLoop)
      .flatMap {
        channel.eventLoop.submit { try channel.pipeline.syncOperations.addHandler(HoldingHandler(), name: HoldingHandler.name) }
      }
      .flatMap { channel.pipeline.removeHandler(name: HTTPUpgrader.decoder) }
      .whenComplete { result in
        switch result {
        case .success: answer.succeed(APIServerResponse(status: status, headers: headers, body: .tunnel(channel)))
        case .failure(let error):
          answer.fail(error)
          channel.close(promise: nil)
        }
      }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    // Until the head has come there is nobody to ask for more.
    if stream == nil, !isUpgrading { context.read() } else { stream?.readCompleted() }
    context.fireChannelReadComplete()
  }

  func channelInactive(context: ChannelHandlerContext) {
    answer.fail(ChannelError.eof)
    stream?.finish(ChannelError.eof)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    answer.fail(error)
    stream?.finish(error)
    context.close(promise: nil)
  }
}

/// Keeps the bytes that came right behind a `101` until the tunnel's own handler stands behind it.
final class HoldingHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  static let name = "tunnel.hold"
  private var held: [ByteBuffer] = []

  func channelRead(context: ChannelHandlerContext, data: NIOAny) { held.append(unwrapInboundIn(data)) }

  func handlerRemoved(context: ChannelHandlerContext) {
    for part in held { context.fireChannelRead(wrapInboundOut(part)) }
    held = []
  }
}

/// The body of a node's answer.
final class ChannelStream: ResponseStream {
  private struct State {
    var parts: [ByteBuffer] = []
    var end: Result<Void, any Error>?
    var taker: CheckedContinuation<Void, Never>?
  }

  private let channel: any Channel
  private let state = NIOLockedValueBox(State())

  init(channel: any Channel) { self.channel = channel }

  func push(_ part: ByteBuffer) { wake { $0.parts.append(part) } }

  func finish(_ error: (any Error)? = nil) {
    wake { if $0.end == nil { $0.end = error.map { .failure($0) } ?? .success(()) } }
  }

  /// Reads on only where somebody waits; otherwise the node waits.
  func readCompleted() {
    if state.withLockedValue({ $0.taker != nil && $0.parts.isEmpty }) { channel.read() }
  }

  func next() async throws -> ByteBuffer? {
    while true {
      let ready: Result<ByteBuffer?, any Error>? = state.withLockedValue { state in
        if !state.parts.isEmpty { return .success(state.parts.removeFirst()) }
        return state.end.map { end in end.map { nil } }
      }
      if let ready { return try ready.get() }
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          let isReady = state.withLockedValue { state in
            if !state.parts.isEmpty || state.end != nil { return true }
            state.taker = continuation
            return false
          }
          if isReady { continuation.resume() } else { channel.read() }
        }
      } onCancel: {
        cancel()
      }
      try Task.checkCancellation()
    }
  }

  func cancel() {
    finish()
    channel.close(promise: nil)
  }

  private func wake(after body: (inout State) -> Void) {
    let taker = state.withLockedValue { state in
      body(&state)
      defer { state.taker = nil }
      return state.taker
    }
    taker?.resume()
  }
}
