import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import Synchronization

/// A gRPC server that answers every call in one way, and keeps what it was asked.
final class HealthServer: Sendable {
  enum Answer: Sendable {
    /// The bytes of a `HealthCheckResponse`.
    case message([UInt8])
    case failure(status: Int, message: String)
    case silence
  }

  let port: Int
  private let channel: any Channel
  private let asked: Asked

  private final class Asked: Sendable {
    let requests = Mutex<[String]>([])
  }

  /// Each as `path authority user-agent body`.
  var requests: [String] { asked.requests.withLock { $0 } }

  init(_ answer: Answer) async throws {
    let asked = Asked()
    self.asked = asked
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.configureHTTP2Pipeline(mode: .server) { stream in
          stream.eventLoop.makeCompletedFuture {
            try stream.pipeline.syncOperations.addHandler(
              Responder(answer: answer) { request in asked.requests.withLock { $0.append(request) } })
          }
        }.map { _ in }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    port = channel.localAddress?.port ?? 0
  }

  func close() async { try? await channel.close() }

  private final class Responder: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let answer: Answer
    private let note: (String) -> Void
    private var head = ""

    init(answer: Answer, note: @escaping @Sendable (String) -> Void) {
      self.answer = answer
      self.note = note
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .headers(let frame):
        head = [":path", ":authority", "user-agent"].map { frame.headers.first(name: $0) ?? "" }.joined(separator: " ")
      case .data(let frame):
        if case .byteBuffer(let bytes) = frame.data {
          note(head + " " + bytes.readableBytesView.map { String($0, radix: 16) }.joined(separator: "."))
        }
        if frame.endStream { respond(context) }
      default: break
      }
    }

    private func respond(_ context: ChannelHandlerContext) {
      func send(_ payload: HTTP2Frame.FramePayload) { context.write(wrapOutboundOut(payload), promise: nil) }
      switch answer {
      case .silence: return
      case .failure(let status, let message):
        let trailers: HPACKHeaders = [":status": "200", "grpc-status": "\(status)", "grpc-message": message]
        send(.headers(.init(headers: trailers, endStream: true)))
      case .message(let bytes):
        send(.headers(.init(headers: [":status": "200", "content-type": "application/grpc"])))
        var body = ByteBuffer()
        body.writeInteger(UInt8(0))
        body.writeInteger(UInt32(bytes.count))
        body.writeBytes(bytes)
        send(.data(.init(data: .byteBuffer(body))))
        send(.headers(.init(headers: ["grpc-status": "0"], endStream: true)))
      }
      context.flush()
    }
  }
}
