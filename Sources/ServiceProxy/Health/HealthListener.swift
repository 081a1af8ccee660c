internal import LinuxKernel
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// A port of the node, in both families, that answers plain HTTP with what it is told.
final class HealthListener: Sendable {
  typealias Answer = @Sendable (_ path: String) -> HealthAnswer

  private let channels: [any Channel]

  /// Listens at once. Throws where the port is taken.
  static func open(
    port: UInt16, in namespace: NetworkNamespace?, _ answer: @escaping Answer
  ) async throws -> HealthListener {
    var channels: [any Channel] = []
    do {
      for count in [4, 16] {
        let open = {
          try BoundSocket.stream(address: [UInt8](repeating: 0, count: count), port: port).release()
        }
        let socket: Int32
        do {
          socket = try namespace?.run(open) ?? open()
        } catch let error as KernelError where count == 16 && error.isUnsupportedFamily {
          continue
        }
        channels.append(try await listen(on: socket, answer))
      }
    } catch {
      for channel in channels { channel.close(promise: nil) }
      throw error
    }
    return HealthListener(channels)
  }

  private init(_ channels: [any Channel]) { self.channels = channels }

  /// Returns once the port is free.
  func close() async {
    // One that has failed by itself is closed already.
    for channel in channels { try? await channel.close() }
  }

  private static func listen(on socket: Int32, _ answer: @escaping Answer) async throws -> any Channel {
    try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 64)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(IdleStateHandler(allTimeout: .seconds(30)))
          try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: true)
          try pipeline.addHandler(HealthHandler(answer))
        }
      }
      .withBoundSocket(socket).get()
  }
}

extension KernelError {
  /// The kernel was built, or started, without IPv6.
  fileprivate var isUnsupportedFamily: Bool { errno == 97 || errno == 99 }  // EAFNOSUPPORT, EADDRNOTAVAIL
}

private final class HealthHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let answer: HealthListener.Answer
  private var head: HTTPRequestHead?

  init(_ answer: @escaping HealthListener.Answer) { self.answer = answer }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end: if let head { respond(to: head, context) }
    }
  }

  private func respond(to request: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let path = request.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)[0]
    let answer = answer(String(path))
    var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status))
    for (name, value) in answer.headers { head.headers.add(name: name, value: value) }
    head.headers.add(name: "Content-Length", value: "\(answer.body.utf8.count)")
    if !request.isKeepAlive { head.headers.add(name: "Connection", value: "close") }
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if request.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
    }
    let isKeptAlive = request.isKeepAlive
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
      if !isKeptAlive { channel.close(promise: nil) }
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
