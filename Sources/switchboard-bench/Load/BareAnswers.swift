import APIClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// The least that answers over HTTP and TLS: always the same bytes, by the libraries that the server stands on, on as many
/// threads as there are processors. Whatever a server takes beyond it is its own.
final class BareAnswers: Sendable {
  let target: LoadTarget
  private let group: MultiThreadedEventLoopGroup
  private let channel: any Channel

  /// Listens on the loopback interface.
  /// - Parameters:
  ///   - configuration: whose certificate is shown; nobody checks whose it is.
  ///   - bodySize: bytes of an answer, without its head.
  init(showing configuration: ClientConfiguration, bodySize: Int) async throws {
    guard let certificate = configuration.clientCertificate, let key = configuration.clientKey else {
      throw BenchError(.unexpected, "the kubeconfig names no client certificate")
    }
    let tls = try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMBytes(certificate).map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem))))
    let answer = ByteBuffer(repeating: UInt8(ascii: "a"), count: bodySize)
    group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
    channel = try await ServerBootstrap(group: group)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Answerer(answer))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    guard let server = ServerAddress(url: "https://127.0.0.1:\(channel.localAddress?.port ?? 0)") else {
      throw BenchError(.unexpected, "a listening socket has no port")
    }
    var client = ClientConfiguration(server: server)
    client.skipsVerification = true
    target = try LoadTarget(client)
  }

  func stop() async throws {
    try await channel.close()
    try await group.shutdownGracefully()
  }

  private final class Answerer: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: ByteBuffer

    init(_ answer: ByteBuffer) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard case .end = unwrapInboundIn(data) else { return }
      let headers: HTTPHeaders = ["Content-Type": "application/json", "Content-Length": "\(answer.readableBytes)"]
      context.write(
        wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers))), promise: nil)
      context.write(wrapOutboundOut(.body(.byteBuffer(answer))), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
  }
}
