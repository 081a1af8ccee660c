import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Answers plain requests on one connection, one at a time.
final class NodeRequestHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  typealias Respond = @Sendable (HTTPRequestHead, StreamRefusal?, NodeResponseWriter) async -> Void

  private let respond: Respond
  /// Why the connection is not upgraded as its request asks: the answer to it.
  private var refusal: StreamRefusal?
  private var head: HTTPRequestHead?
  private var task: Task<Void, Never>?

  init(respond: @escaping Respond) { self.respond = respond }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end:
      guard let head else { return }
      self.head = nil
      let writer = NodeResponseWriter(channel: context.channel, isKeptAlive: head.isKeepAlive)
      let (respond, refusal) = (respond, refusal)
      self.refusal = nil
      // Ends with its answer; cancelled when the connection closes.
      task = Task { await respond(head, refusal, writer) }
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    task?.cancel()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // The request comes on as a plain one, whose answer says why there is no connection.
    if let error = error as? StreamRefusal {
      refusal = error
      return
    }
    if error is NIOWebSocketUpgradeError { return }
    context.close(promise: nil)
  }
}

/// Writes one answer.
struct NodeResponseWriter: Sendable {
  let channel: any Channel
  let isKeptAlive: Bool

  func send(_ status: HTTPResponseStatus, _ body: [UInt8], type: String = "text/plain; charset=utf-8") async throws {
    try await begin(status, type: type, length: body.count)
    try await write(body)
    try await end()
  }

  /// Plain text, as the kubelet's: the API server makes a `Status` of it.
  func refuse(_ status: HTTPResponseStatus, _ message: String) async throws {
    try await send(status, Array(message.utf8))
  }

  /// Without a length the body is sent in chunks.
  func begin(_ status: HTTPResponseStatus, type: String, length: Int? = nil) async throws {
    var head = HTTPResponseHead(version: .http1_1, status: status)
    head.headers.add(name: "Content-Type", value: type)
    if let length {
      head.headers.add(name: "Content-Length", value: "\(length)")
    } else {
      head.headers.add(name: "Transfer-Encoding", value: "chunked")
    }
    if !isKeptAlive { head.headers.add(name: "Connection", value: "close") }
    try await channel.writeAndFlush(HTTPServerResponsePart.head(head))
  }

  func write(_ bytes: [UInt8]) async throws {
    guard !bytes.isEmpty else { return }
    try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes))))
  }

  func end() async throws {
    try await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
    if !isKeptAlive { try? await channel.close() }
  }
}
