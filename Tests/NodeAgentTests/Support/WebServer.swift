import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A plain HTTP server that answers each path in one way, and keeps what it was asked.
final class WebServer: Sendable {
  struct Answer: Sendable {
    var status: Int
    var location: String?
    var body = ""
  }

  let port: Int
  private let channel: any Channel
  private let asked: Asked

  private final class Asked: Sendable {
    let requests = Mutex<[String]>([])
  }

  /// Each as `path host user-agent`.
  var requests: [String] { asked.requests.withLock { $0 } }

  /// - Parameter answer: to a path; `nil`: 404.
  init(_ answer: @escaping @Sendable (String) -> Answer?) async throws {
    let asked = Asked()
    self.asked = asked
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(
            Responder(answer: answer) { request in asked.requests.withLock { $0.append(request) } })
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    port = channel.localAddress?.port ?? 0
  }

  func close() async { try? await channel.close() }

  private final class Responder: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: (String) -> Answer?
    private let note: (String) -> Void

    init(answer: @escaping @Sendable (String) -> Answer?, note: @escaping @Sendable (String) -> Void) {
      self.answer = answer
      self.note = note
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard case .head(let head) = unwrapInboundIn(data) else { return }
      note("\(head.uri) \(head.headers.first(name: "host") ?? "") \(head.headers.first(name: "user-agent") ?? "")")
      let found = answer(head.uri) ?? Answer(status: 404)
      var response = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: found.status))
      response.headers.add(name: "Content-Length", value: "\(found.body.utf8.count)")
      if let location = found.location { response.headers.add(name: "Location", value: location) }
      context.write(wrapOutboundOut(.head(response)), promise: nil)
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: found.body)))), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
  }
}
