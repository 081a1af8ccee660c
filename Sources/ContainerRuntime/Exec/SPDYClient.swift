import NIOCore
import NIOHTTP1
import NIOPosix
import SPDY

/// A connection to the runtime's streaming server that was upgraded to SPDY/3.1.
struct SPDYClient: Sendable {
  let channel: any Channel
  private let handler: NIOLoopBound<SPDYHandler>

  private static let timeout = TimeAmount.seconds(10)

  /// - Parameter url: what CRI answered: `http://HOST:PORT/PATH`.
  static func connect(_ url: String, version: String, group: any EventLoopGroup) async throws -> SPDYClient {
    guard let place = Place(url) else {
      throw ContainerRuntimeError(
        .malformedAnswer, "the runtime streams at \"\(url)\", which is no http://HOST:PORT/PATH")
    }
    let loop = group.next()
    let upgraded = loop.makePromise(of: SPDYClient.self)
    do {
      let channel = try await ClientBootstrap(group: loop)
        .connectTimeout(timeout)
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try configure(channel, version, upgraded)
          }
        }
        .connect(host: place.host, port: place.port).get()
      let head = HTTPRequestHead(
        version: .http1_1, method: .POST, uri: place.path,
        headers: ["Host": "\(place.host):\(place.port)", "Content-Length": "0"])
      channel.write(HTTPClientRequestPart.head(head), promise: nil)
      channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
      channel.closeFuture.whenComplete { _ in upgraded.fail(ChannelError.eof) }
      let guardian = loop.scheduleTask(in: timeout) { channel.close(promise: nil) }
      upgraded.futureResult.whenComplete { _ in guardian.cancel() }
    } catch {
      upgraded.fail(error)
    }
    do {
      return try await upgraded.futureResult.get()
    } catch let error as ContainerRuntimeError {
      throw error
    } catch {
      throw ContainerRuntimeError(.unavailable, "the runtime's streaming server does not answer", cause: error)
    }
  }

  private static func configure(
    _ channel: any Channel, _ version: String, _ upgraded: EventLoopPromise<SPDYClient>
  ) throws {
    let refusal = RefusalHandler(upgraded)
    let bound = NIOLoopBound(refusal, eventLoop: channel.eventLoop)
    let upgrader = SPDYUpgrader(version: version) { channel in
      channel.eventLoop.makeCompletedFuture {
        channel.pipeline.syncOperations.removeHandler(bound.value, promise: nil)
        let handler = SPDYHandler(.client, eventLoop: channel.eventLoop)
        try channel.pipeline.syncOperations.addHandler(handler)
        upgraded.succeed(
          SPDYClient(channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop)))
      }
    }
    try channel.pipeline.syncOperations.addHTTPClientHandlers(
      withClientUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
    try channel.pipeline.syncOperations.addHandler(refusal)
  }

  func open(_ headers: SPDYHeaders) async throws -> SPDYStream {
    try await channel.eventLoop.flatSubmit { handler.value.open(headers) }.get()
  }

  private struct Place {
    let host: String
    let port: Int
    let path: String

    init?(_ url: String) {
      guard url.hasPrefix("http://") else { return nil }
      let rest = url.dropFirst("http://".count)
      let slash = rest.firstIndex(of: "/") ?? rest.endIndex
      guard let colon = rest[..<slash].lastIndex(of: ":"), let port = Int(rest[rest.index(after: colon)..<slash])
      else { return nil }
      host = rest[..<colon].filter { $0 != "[" && $0 != "]" }
      self.port = port
      path = slash == rest.endIndex ? "/" : String(rest[slash...])
    }
  }
}

private final class SPDYUpgrader: NIOHTTPClientProtocolUpgrader {
  let supportedProtocol = "SPDY/3.1"
  let requiredUpgradeHeaders: [String] = []
  private let version: String
  private let ready: (any Channel) -> EventLoopFuture<Void>

  init(version: String, ready: @escaping (any Channel) -> EventLoopFuture<Void>) {
    self.version = version
    self.ready = ready
  }

  func addCustom(upgradeRequestHeaders: inout HTTPHeaders) {
    upgradeRequestHeaders.add(name: "X-Stream-Protocol-Version", value: version)
  }

  func shouldAllowUpgrade(upgradeResponse: HTTPResponseHead) -> Bool { true }

  func upgrade(context: ChannelHandlerContext, upgradeResponse: HTTPResponseHead) -> EventLoopFuture<Void> {
    ready(context.channel)
  }
}

/// Reads why a connection was not upgraded.
private final class RefusalHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPClientResponsePart

  private static let maximumText = 4096
  private let upgraded: EventLoopPromise<SPDYClient>
  private var code: UInt = 0
  private var text = ByteBuffer()

  init(_ upgraded: EventLoopPromise<SPDYClient>) { self.upgraded = upgraded }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): code = head.status.code
    case .body(let part): if text.readableBytes < Self.maximumText { text.writeImmutableBuffer(part) }
    case .end:
      upgraded.fail(
        ContainerRuntimeError(.unavailable, "the runtime's streaming server says \(code): \(String(buffer: text))"))
      context.close(promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    upgraded.fail(error)
    context.close(promise: nil)
  }
}
