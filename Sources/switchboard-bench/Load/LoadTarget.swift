import APIClient
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// A server under load, and the one thread that makes it.
///
/// The client of this project would measure itself: it makes objects of what it reads. Here a request is bytes that were
/// made beforehand, and an answer is a status and a length.
struct LoadTarget: Sendable {
  let configuration: ClientConfiguration
  private let tls: NIOSSLContext
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  init(kubeconfig: String) throws { try self.init(Kubeconfig(path: kubeconfig).configuration()) }

  init(_ configuration: ClientConfiguration) throws {
    self.configuration = configuration
    guard let tls = try configuration.makeTLSContext() else {
      throw BenchError(.unexpected, "\(configuration.server) is reached without TLS")
    }
    self.tls = tls
  }

  /// Connects with a handler of its own for each connection, and waits for the handshakes.
  func connect(
    _ count: Int, _ handler: @escaping @Sendable (Int) -> any ChannelInboundHandler
  ) async throws -> [any Channel] {
    var channels: [any Channel] = []
    for number in 0..<count {
      let ready = group.next().makePromise(of: Void.self)
      let connecting = ClientBootstrap(group: group)
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .channelInitializer { [tls, name = configuration.server.tlsServerName] channel in
          channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
            try pipeline.addHandler(Handshake(ready))
            try pipeline.addHandler(handler(number))
          }
        }
        .connect(host: configuration.server.host, port: configuration.server.port)
      connecting.whenFailure { ready.fail($0) }
      try await ready.futureResult.get()
      channels.append(try await connecting.get())
    }
    return channels
  }

  /// Tells when a connection can be used.
  private final class Handshake: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let ready: EventLoopPromise<Void>

    init(_ ready: EventLoopPromise<Void>) { self.ready = ready }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      if case .handshakeCompleted? = event as? TLSUserEvent { ready.succeed() }
      context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      ready.fail(error)
      context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
      ready.fail(BenchError(.unexpected, "the server hung up"))
      context.fireChannelInactive()
    }
  }

  /// Hangs up. Nobody waits for the server to say goodbye.
  func close(_ channels: [any Channel]) { for channel in channels { channel.close(promise: nil) } }

  /// A whole request as it goes over the wire.
  func request(_ method: String, _ path: String, body: [UInt8] = [], headers: String = "") -> ByteBuffer {
    var text = "\(method) \(path) HTTP/1.1\r\nHost: \(configuration.server.authority)\r\n\(headers)"
    if !body.isEmpty { text += "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n" }
    var buffer = ByteBuffer(string: text + "\r\n")
    buffer.writeBytes(body)
    return buffer
  }
}
