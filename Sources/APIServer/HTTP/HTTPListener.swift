import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOHTTPTypesHTTP1
import NIOHTTPTypesHTTP2
import NIOPosix
import NIOSSL
import NIOTLS

/// The HTTPS port: HTTP/2 and HTTP/1.1 by ALPN, client certificates where they are shown.
final class HTTPListener: Sendable {
  private let handler: RequestHandler
  private let tls: NIOSSLContext
  private let group: any EventLoopGroup
  private let timeouts: HTTPTimeouts
  private let upgrader: @Sendable (ConnectionContext, UpgradeFailure) -> [any HTTPServerProtocolUpgrader & Sendable]
  private let connections = NIOLockedValueBox<[ObjectIdentifier: any Channel]>([:])

  init(
    handler: RequestHandler, tls: NIOSSLContext, group: any EventLoopGroup, timeouts: HTTPTimeouts,
    upgrader: @escaping @Sendable (ConnectionContext, UpgradeFailure) -> [any HTTPServerProtocolUpgrader & Sendable]
  ) {
    self.handler = handler
    self.tls = tls
    self.group = group
    self.timeouts = timeouts
    self.upgrader = upgrader
  }

  func bind(host: String, port: Int) async throws -> any Channel {
    try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.socketOption(.so_keepalive), value: 1)
      .childChannelOption(.writeBufferWaterMark, value: .init(low: 64 << 10, high: 256 << 10))
      .childChannelInitializer { channel in self.configure(channel) }
      .bind(host: host, port: port).get()
  }

  /// Closes what is still open.
  func closeAll() async {
    for channel in connections.withLockedValue({ Array($0.values) }) { channel.close(promise: nil) }
  }

  private func configure(_ channel: any Channel) -> EventLoopFuture<Void> {
    let key = ObjectIdentifier(channel)
    let handshake = channel.eventLoop.scheduleTask(in: timeouts.handshake) { channel.close(promise: nil) }
    connections.withLockedValue { $0[key] = channel }
    channel.closeFuture.whenComplete { [connections] _ in
      handshake.cancel()
      connections.withLockedValue { _ = $0.removeValue(forKey: key) }
    }
    return channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandlers(NIOSSLServerHandler(context: tls), WriteGatherer())
    }.flatMap {
      channel.configureHTTP2SecureUpgrade(
        h2ChannelConfigurator: { channel in
          handshake.cancel()
          return Self.context(of: channel).flatMap { connection in self.configureHTTP2(channel, connection) }
        },
        http1ChannelConfigurator: { channel in
          handshake.cancel()
          return Self.context(of: channel).flatMap { connection in self.configureHTTP1(channel, connection) }
        })
    }
  }

  private static func context(of channel: any Channel) -> EventLoopFuture<ConnectionContext> {
    channel.nioSSL_peerCertificate().map { certificate in
      ConnectionContext(
        user: certificate.flatMap { try? CertificateIdentity.user(derEncoded: $0.toDERBytes()) },
        loop: channel.eventLoop)
    }
  }

  /// The limits are wide because Go clients cancel watches on one shared connection by the hundred; the cap on running
  /// handlers in ``ConnectionContext`` guards against abuse of that.
  private func configureHTTP2(_ channel: any Channel, _ connection: ConnectionContext) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      var configuration = NIOHTTP2Handler.ConnectionConfiguration()
      configuration.initialSettings = [
        HTTP2Setting(parameter: .maxConcurrentStreams, value: 250),
        HTTP2Setting(parameter: .initialWindowSize, value: 1 << 20),
        HTTP2Setting(parameter: .maxHeaderListSize, value: 1 << 20),
      ]
      configuration.controlFrameRateLimit.maximumCount = 10_000
      var streams = NIOHTTP2Handler.StreamConfiguration()
      streams.targetWindowSize = 1 << 20
      streams.streamResetFrameRateLimit.maximumCount = 100_000
      streams.streamErrorRateLimit.maximumCount = 100_000
      _ = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
        mode: .server, connectionConfiguration: configuration, streamConfiguration: streams
      ) { [handler, timeouts] stream in
        stream.eventLoop.makeCompletedFuture {
          try stream.pipeline.syncOperations.addHandlers(
            HTTP2FramePayloadToHTTPServerCodec(),
            HTTPRequestChannelHandler(handler: handler, connection: connection, timeouts: timeouts))
        }
      }
      closeWhenIdle(channel, connection)
    }
  }

  /// How long a client may take to hear that its connection ends; as Go's server.
  private static let farewellTime = TimeAmount.seconds(1)

  /// Ends a connection of HTTP/2 that has carried nothing for a while, as upstream does: with a word of farewell.
  private func closeWhenIdle(_ channel: any Channel, _ connection: ConnectionContext) {
    let time = timeouts.timeBetweenLooks
    let idle = timeouts.idle
    let look = channel.eventLoop.scheduleRepeatedTask(initialDelay: time, delay: time) { task in
      guard connection.isIdle(for: idle) else { return }
      task.cancel()
      let farewell = HTTP2Frame.FramePayload.goAway(lastStreamID: .maxID, errorCode: .noError, opaqueData: nil)
      channel.writeAndFlush(HTTP2Frame(streamID: .rootStream, payload: farewell), promise: nil)
      // Requests that crossed the farewell are answered first.
      let grace = min(idle, Self.farewellTime)
      channel.eventLoop.scheduleRepeatedTask(initialDelay: grace, delay: grace) { task in
        guard connection.isIdle(for: .zero) else { return }
        task.cancel()
        channel.close(promise: nil)
      }
    }
    channel.closeFuture.whenComplete { _ in look.cancel() }
  }

  private func configureHTTP1(_ channel: any Channel, _ connection: ConnectionContext) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      let failure = UpgradeFailure()
      let codec = HTTP1ToHTTPServerCodec(secure: true)
      let last = HTTPRequestChannelHandler(
        handler: handler, connection: connection, timeouts: timeouts, upgradeFailure: failure)
      let arrival = ArrivalHandler(last)
      let added = NIOLoopBound((codec, last, arrival), eventLoop: channel.eventLoop)
      try channel.pipeline.syncOperations.addHandler(arrival)
      try channel.pipeline.syncOperations.configureHTTPServerPipeline(
        withServerUpgrade: (
          upgraders: upgrader(connection, failure),
          completionHandler: { context in
            context.pipeline.syncOperations.removeHandler(added.value.0, promise: nil)
            context.pipeline.syncOperations.removeHandler(added.value.1, promise: nil)
            context.pipeline.syncOperations.removeHandler(added.value.2, promise: nil)
          }
        ),
        // HTTPFields hold no other values than legal ones.
        withOutboundHeaderValidation: false)
      try channel.pipeline.syncOperations.addHandlers(codec, last)
    }
  }
}
