import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix

/// One HTTP/2 connection to a gRPC server, without TLS.
final class GRPCConnection: Sendable {
  private let channel: any Channel
  private let multiplexer: NIOHTTP2Handler.AsyncStreamMultiplexer<Void>
  private let authority: String
  private let userAgent: String
  /// Of one message of an answer.
  private let maximumMessageSize: Int

  private init(
    channel: any Channel, multiplexer: NIOHTTP2Handler.AsyncStreamMultiplexer<Void>, authority: String = "localhost",
    userAgent: String = "switchboard", maximumMessageSize: Int = GRPCResponseParser.maximumMessageSize
  ) {
    self.channel = channel
    self.multiplexer = multiplexer
    self.authority = authority
    self.userAgent = userAgent
    self.maximumMessageSize = maximumMessageSize
  }

  var isActive: Bool { channel.isActive }

  static func connect(path: String, group: any EventLoopGroup) async throws -> GRPCConnection {
    let (channel, multiplexer) = try await ClientBootstrap(group: group)
      .connectTimeout(.seconds(5))
      .connect(unixDomainSocketPath: path) { channel in
        channel.eventLoop.makeCompletedFuture {
          let multiplexer = try channel.pipeline.syncOperations.configureAsyncHTTP2Pipeline(
            mode: .client, configuration: configuration()
          ) { $0.eventLoop.makeSucceededVoidFuture() }
          return (channel, multiplexer)
        }
      }
    return GRPCConnection(channel: channel, multiplexer: multiplexer)
  }

  /// To a server that nobody vouches for, with the limits NIOHTTP2 has against such. Returns once the server has shown
  /// that it speaks HTTP/2, by its settings.
  static func connect(
    host: String, port: Int, userAgent: String, timeout: TimeAmount, group: any EventLoopGroup
  ) async throws -> GRPCConnection {
    let loop = group.next()
    let greeting = loop.makePromise(of: Void.self)
    let (channel, multiplexer): (any Channel, NIOHTTP2Handler.AsyncStreamMultiplexer<Void>)
    do {
      (channel, multiplexer) = try await ClientBootstrap(group: loop).connectTimeout(timeout)
        .connect(host: host, port: port) { channel in
          channel.eventLoop.makeCompletedFuture {
            let multiplexer = try channel.pipeline.syncOperations.configureAsyncHTTP2Pipeline(
              mode: .client, configuration: .init()
            ) { $0.eventLoop.makeSucceededVoidFuture() }
            try channel.pipeline.syncOperations.addHandler(GreetingHandler(greeting))
            return (channel, multiplexer)
          }
        }
    } catch {
      greeting.fail(error)
      throw error
    }
    let connection = GRPCConnection(
      channel: channel, multiplexer: multiplexer, authority: "\(host.contains(":") ? "[\(host)]" : host):\(port)",
      userAgent: userAgent, maximumMessageSize: 64 << 10)
    let deadline = channel.eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
    defer { deadline.cancel() }
    do {
      try await withTaskCancellationHandler {
        try await greeting.futureResult.get()
      } onCancel: {
        channel.close(promise: nil)
      }
      return connection
    } catch {
      await connection.close()
      throw error
    }
  }

  /// grpc-go sends a PING for about every burst of data it receives; NIOHTTP2's default (200 control frames in 30 s)
  /// takes that for an attack and closes the connection. The peer here is a local daemon we trust.
  private static func configuration() -> NIOHTTP2Handler.Configuration {
    var connection = NIOHTTP2Handler.ConnectionConfiguration()
    connection.controlFrameRateLimit.maximumCount = 1_000_000
    connection.controlFrameRateLimit.windowLength = .milliseconds(10)
    connection.initialSettings = [
      HTTP2Setting(parameter: .enablePush, value: 0),
      HTTP2Setting(parameter: .initialWindowSize, value: 1 << 20),
      HTTP2Setting(parameter: .maxConcurrentStreams, value: 1000),
    ]
    var stream = NIOHTTP2Handler.StreamConfiguration()
    stream.targetWindowSize = 1 << 20
    stream.streamResetFrameRateLimit.maximumCount = 1_000_000
    stream.streamResetFrameRateLimit.windowLength = .milliseconds(10)
    return .init(connection: connection, stream: stream)
  }

  /// Opens a stream whose events go to `deliver`. Nothing has been sent when this returns or throws.
  func open(
    deliver: @escaping @Sendable (GRPCResponseParser.Event) -> Void
  ) async throws -> any Channel {
    try await multiplexer.openStream { [maximumMessageSize] stream in
      stream.eventLoop.makeCompletedFuture {
        let handler = GRPCStreamHandler(maximumMessageSize: maximumMessageSize, deliver: deliver)
        try stream.pipeline.syncOperations.addHandler(handler)
        return stream
      }
    }
  }

  /// Sends the request of a call with one request message.
  func send(
    _ message: [UInt8], to method: String, metadata: [(String, String)], timeout: TimeAmount?, on stream: any Channel
  ) {
    var headers: HPACKHeaders = [
      ":method": "POST", ":scheme": "http", ":path": method, ":authority": authority,
      "content-type": "application/grpc", "te": "trailers", "user-agent": userAgent,
    ]
    if let timeout { headers.add(name: "grpc-timeout", value: "\(max(1, timeout.nanoseconds / 1_000_000))m") }
    for (name, value) in metadata { headers.add(name: name, value: value) }
    var body = stream.allocator.buffer(capacity: message.count + 5)
    body.writeInteger(UInt8(0))
    body.writeInteger(UInt32(message.count))
    body.writeBytes(message)
    stream.write(HTTP2Frame.FramePayload.headers(.init(headers: headers)), promise: nil)
    stream.writeAndFlush(
      HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(body), endStream: true)), promise: nil)
  }

  func close() async {
    try? await channel.close()
  }
}

/// Waits for the server's settings, which are the first thing it has to send (RFC 9113, 3.4).
private final class GreetingHandler: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame

  private let greeting: EventLoopPromise<Void>

  init(_ greeting: EventLoopPromise<Void>) { self.greeting = greeting }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .settings(.settings) = unwrapInboundIn(data).payload { greeting.succeed() }
    context.fireChannelRead(data)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    greeting.fail(error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    greeting.fail(ChannelError.eof)
    context.fireChannelInactive()
  }
}
