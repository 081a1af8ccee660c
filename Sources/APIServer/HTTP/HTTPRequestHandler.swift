import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// The edge between the transport and the request handler: collects a request, starts its handler, sends the answer.
/// The same for HTTP/1.1 connections and for HTTP/2 streams.
final class HTTPRequestHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias OutboundOut = HTTPResponsePart

  private enum State {
    case idle
    case receiving(HTTPRequest, ByteBuffer)
    /// The request was refused while its body still comes: the rest is dropped.
    case refusing
    case responding(Task<Void, Never>)
  }

  /// As upstream's limit on the body of a request: 3 MiB.
  static let maximumBody = 3 << 20

  private let handler: any RequestHandling
  private let connection: HTTPConnection
  /// Turns an HTTP/1.1 connection into a tunnel; `nil` for HTTP/2 streams, which cannot become one.
  private let upgrader: HTTPUpgrader?
  private var state = State.idle

  init(handler: any RequestHandling, connection: HTTPConnection, upgrader: HTTPUpgrader? = nil) {
    self.handler = handler
    self.connection = connection
    self.upgrader = upgrader
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch (unwrapInboundIn(data), state) {
    case (.head(let request), .idle): state = .receiving(request, ByteBuffer())
    case (.body(var part), .receiving(let request, var body)):
      state = .idle  // Gives up the reference, so that the body grows in place.
      guard body.readableBytes + part.readableBytes <= Self.maximumBody else {
        return refuse(context, request)
      }
      body.writeBuffer(&part)
      state = .receiving(request, body)
    case (.end, .receiving(let request, let body)): start(context, request, body)
    case (.end, .refusing): state = .idle
    default: break
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    if case .responding(let task) = state { task.cancel() }
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func refuse(_ context: ChannelHandlerContext, _ request: HTTPRequest) {
    state = .refusing
    var response = APIServerResponse(
      APIStatus(
        code: 413, reason: "RequestEntityTooLarge",
        message: "Request entity too large: limit is \(Self.maximumBody)"))
    response.headers[.connection] = "close"
    guard case .buffer(let body) = response.body else { return }
    let channel = context.channel
    ResponseWriter(channel: channel, request: request).send(response, body).whenComplete { _ in
      channel.close(promise: nil)
    }
  }

  private func start(_ context: ChannelHandlerContext, _ request: HTTPRequest, _ body: ByteBuffer) {
    guard connection.begin() else { return }
    let apiRequest = APIServerRequest(
      method: request.method, target: request.path ?? "/", headers: request.headerFields, body: body,
      user: connection.user)
    let writer = ResponseWriter(channel: context.channel, request: request)
    let (handler, connection, upgrader) = (handler, connection, upgrader)
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    let loop = context.eventLoop
    // Joined by the connection: it is cancelled when the channel goes, and it ends with the answer.
    state = .responding(
      Task {
        let response = await handler.handle(apiRequest)
        if case .tunnel(let peer) = response.body {
          if let upgrader { upgrader.upgrade(response, to: peer) } else { peer.close(promise: nil) }
        } else {
          await writer.send(response)
          writer.closeIfAsked(response, connection)
        }
        connection.end()
        loop.execute { bound.value.finish() }
      })
  }

  private func finish() { if case .responding = state { state = .idle } }
}
