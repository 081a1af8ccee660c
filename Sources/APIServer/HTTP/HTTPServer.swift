import Logging
import NIOConcurrencyHelpers
package import NIOCore
import NIOHTTP2
import NIOHTTPTypesHTTP2
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// Listens for HTTPS, HTTP/1.1 and HTTP/2 by ALPN, and hands every request to one handler.
package final class HTTPServer: Service {
  package struct Configuration: Sendable {
    package var host: String
    /// 0 lets the kernel choose.
    package var port: Int
    package var identity: CertifiedKey
    /// PEM of the authority that client certificates must come from.
    package var clientAuthority: String

    package init(host: String, port: Int, identity: CertifiedKey, clientAuthority: String) {
      self.host = host
      self.port = port
      self.identity = identity
      self.clientAuthority = clientAuthority
    }
  }

  private struct State {
    var connections: [ObjectIdentifier: any Channel] = [:]
    var isStopping = false
  }

  private let configuration: Configuration
  private let handler: any RequestHandling
  private let group: any EventLoopGroup
  private let state = NIOLockedValueBox(State())
  private let bound: EventLoopPromise<Int>

  package init(
    configuration: Configuration, handler: any RequestHandling,
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) {
    self.configuration = configuration
    self.handler = handler
    self.group = group
    bound = group.next().makePromise()
  }

  /// The port in use, once the server listens.
  package var port: Int { get async throws { try await bound.futureResult.get() } }

  /// Serves until shutdown begins or the task is cancelled; then closes every connection.
  package func run() async throws {
    let listener: any Channel
    do {
      listener = try await listen()
    } catch {
      bound.fail(error)
      throw error
    }
    bound.succeed(listener.localAddress?.port ?? configuration.port)
    await withTaskCancellationHandler {
      await withGracefulShutdownHandler {
        try? await listener.closeFuture.get()
      } onGracefulShutdown: {
        listener.close(promise: nil)
      }
    } onCancel: {
      listener.close(promise: nil)
    }
    let open = state.withLockedValue { state in
      state.isStopping = true
      return Array(state.connections.values)
    }
    for channel in open { try? await channel.close() }
  }

  private func listen() async throws -> any Channel {
    var tls = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(configuration.identity.certificate.utf8))
        .map { .certificate($0) },
      privateKey: .privateKey(
        try NIOSSLPrivateKey(bytes: Array(configuration.identity.privateKey.utf8), format: .pem)))
    tls.applicationProtocols = ["h2", "http/1.1"]
    tls.minimumTLSVersion = .tlsv12
    tls.trustRoots = .certificates(
      try NIOSSLCertificate.fromPEMBytes(Array(configuration.clientAuthority.utf8)))
    tls.certificateVerification = .optionalVerification
    let context = try NIOSSLContext(configuration: tls)
    return try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1_024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
        }.flatMap { self.chooseProtocol(channel) }
      }
      .bind(host: configuration.host, port: configuration.port).get()
  }

  private func chooseProtocol(_ channel: any Channel) -> EventLoopFuture<Void> {
    guard register(channel) else { return channel.close() }
    return channel.configureHTTP2SecureUpgrade(
      h2ChannelConfigurator: { channel in
        self.connection(on: channel).flatMapThrowing { try self.configureHTTP2(channel, $0) }
      },
      http1ChannelConfigurator: { channel in
        self.connection(on: channel).flatMapThrowing {
          try HTTPUpgrader.configure(channel, handler: self.handler, connection: $0)
        }
      })
  }

  private func connection(on channel: any Channel) -> EventLoopFuture<HTTPConnection> {
    channel.nioSSL_peerCertificate().map { certificate in
      HTTPConnection(user: certificate.flatMap { ClientCertificate.user($0) }, channel: channel)
    }
  }

  private func register(_ channel: any Channel) -> Bool {
    let key = ObjectIdentifier(channel)
    let isOpen = state.withLockedValue { state in
      guard !state.isStopping else { return false }
      state.connections[key] = channel
      return true
    }
    channel.closeFuture.whenComplete { [self] _ in
      _ = state.withLockedValue { $0.connections.removeValue(forKey: key) }
    }
    return isOpen
  }

  /// NIO's own limits close the connections of Go clients, which cancel watches by the hundred; ``HTTPConnection``
  /// bounds the work instead.
  private func configureHTTP2(_ channel: any Channel, _ connection: HTTPConnection) throws {
    var connectionSettings = NIOHTTP2Handler.ConnectionConfiguration()
    connectionSettings.initialSettings = [
      HTTP2Setting(parameter: .maxConcurrentStreams, value: 250),
      HTTP2Setting(parameter: .initialWindowSize, value: 1 << 20),
      HTTP2Setting(parameter: .maxHeaderListSize, value: 64 << 10),
    ]
    connectionSettings.controlFrameRateLimit.maximumCount = 10_000
    var streamSettings = NIOHTTP2Handler.StreamConfiguration()
    streamSettings.targetWindowSize = 1 << 20
    streamSettings.streamResetFrameRateLimit.maximumCount = 100_000
    streamSettings.streamErrorRateLimit.maximumCount = 100_000
    let handler = handler
    _ = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
      mode: .server, connectionConfiguration: connectionSettings, streamConfiguration: streamSettings
    ) { stream in
      stream.eventLoop.makeCompletedFuture {
        try stream.pipeline.syncOperations.addHandlers(
          HTTP2FramePayloadToHTTPServerCodec(), HTTPRequestHandler(handler: handler, connection: connection))
      }
    }
  }
}
