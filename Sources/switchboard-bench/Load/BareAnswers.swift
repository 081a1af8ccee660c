import APIClient
import NIOCore
import NIOPosix
import NIOSSL

/// The least that answers over TLS: always the same bytes, from the library that the server stands on, by as many threads as
/// there are processors. Whatever a server takes beyond it is its own.
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
    var answer = ByteBuffer(
      string: "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(bodySize)\r\n\r\n")
    answer.writeRepeatingByte(UInt8(ascii: "a"), count: bodySize)
    group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
    channel = try await ServerBootstrap(group: group)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { [answer] channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers(NIOSSLServerHandler(context: tls), Answerer(answer))
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

  /// A request comes in one piece, and the next one after its answer.
  private final class Answerer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: ByteBuffer

    init(_ answer: ByteBuffer) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
    }
  }
}
