import NIOCore
import NIOHTTP1

/// One request with the place its answer goes to.
struct HTTPExchange: Sendable {
  /// A whole answer, and whether its connection can carry another request.
  struct Answer: Sendable {
    let response: APIResponse
    let isReusable: Bool
  }

  enum Sink: Sendable {
    case whole(EventLoopPromise<Answer>)
    case stream(EventLoopPromise<APIStream>)

    func fail(_ error: any Error) {
      switch self {
      case .whole(let promise): promise.fail(error)
      case .stream(let promise): promise.fail(error)
      }
    }
  }

  let head: HTTPRequestHead
  let body: ByteBuffer?
  let timeout: TimeAmount
  let sink: Sink

  /// A connection that has closed meanwhile has nobody left who would fail the exchange: the write itself does.
  func send(on channel: any Channel) {
    let written = channel.eventLoop.makePromise(of: Void.self)
    written.futureResult.whenFailure { error in
      sink.fail(APIError(.connection, "the connection was closed before the request was sent", cause: error))
    }
    channel.writeAndFlush(self, promise: written)
  }
}

/// Carries exchanges over one HTTP/1.1 connection, one after the other.
final class HTTPExchangeHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundIn = HTTPExchange
  typealias OutboundOut = HTTPClientRequestPart

  private typealias BodyContinuation = AsyncThrowingStream<[UInt8], any Error>.Continuation

  private struct Current {
    let exchange: HTTPExchange
    let timer: Scheduled<Void>
    var head: HTTPResponseHead?
    var body = ByteBuffer()
    var continuation: BodyContinuation?
  }

  private var current: Current?
  private let server: String

  init(server: String) { self.server = server }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let exchange = unwrapOutboundIn(data)
    guard current == nil, context.channel.isActive else {
      exchange.sink.fail(APIError(.connection, "the connection to \(server) was closed before the request was sent"))
      promise?.succeed()
      return
    }
    let channel = context.channel
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    let timer = context.eventLoop.scheduleTask(in: exchange.timeout) {
      bound.value.fail(
        APIError(.timedOut, "\(bound.value.server) did not answer in \(exchange.timeout.nanoseconds / 1_000_000) ms"))
      channel.close(promise: nil)
    }
    current = Current(exchange: exchange, timer: timer)
    context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
    if let body = exchange.body { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
    context.write(wrapOutboundOut(.end(nil)), promise: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard current != nil else {
      context.close(promise: nil)
      return
    }
    switch unwrapInboundIn(data) {
    case .head(let head):
      guard head.status.code >= 200 else { return }
      current?.head = head
      if case .stream(let promise) = current?.exchange.sink { begin(head, promise, context: context) }
    case .body(var bytes):
      if let continuation = current?.continuation {
        continuation.yield(bytes.readBytes(length: bytes.readableBytes) ?? [])
      } else if current?.body.writableBytes == 0, current?.body.readableBytes == 0 {
        current?.body = bytes
      } else {
        current?.body.writeBuffer(&bytes)
      }
    case .end: finish(context: context)
    }
  }

  private func begin(_ head: HTTPResponseHead, _ promise: EventLoopPromise<APIStream>, context: ChannelHandlerContext) {
    current?.timer.cancel()
    let (body, continuation) = AsyncThrowingStream.makeStream(of: [UInt8].self)
    let channel = context.channel
    // A stream's connection is not used again, so whoever ends the stream ends the connection.
    continuation.onTermination = { _ in channel.close(promise: nil) }
    current?.continuation = continuation
    promise.succeed(APIStream(status: Int(head.status.code), headers: head.headers.namedValues, body: body))
  }

  private func finish(context: ChannelHandlerContext) {
    guard let done = current, let head = done.head else { return }
    current = nil
    done.timer.cancel()
    switch done.exchange.sink {
    case .stream: done.continuation?.finish()
    case .whole(let promise):
      let response = APIResponse(
        status: Int(head.status.code), headers: head.headers.namedValues, body: Array(done.body.readableBytesView))
      promise.succeed(HTTPExchange.Answer(response: response, isReusable: head.isKeepAlive))
      if !head.isKeepAlive { context.close(promise: nil) }
    }
  }

  private func fail(_ error: any Error) {
    guard let failed = current else { return }
    current = nil
    failed.timer.cancel()
    if let continuation = failed.continuation {
      continuation.finish(throwing: error)
    } else {
      failed.exchange.sink.fail(error)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(APIError(.connection, "the connection to \(server) failed", cause: error))
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    fail(APIError(.connection, "\(server) closed the connection before it had answered"))
    context.fireChannelInactive()
  }
}

extension HTTPHeaders {
  var namedValues: [NamedValue] { map { NamedValue($0.name, $0.value) } }
}
