import LinuxKernel
import Logging
import NIOCore
import NIOPosix
import NamePlan
import Synchronization

/// Answers over TCP (RFC 7766): messages behind their lengths, any number on a connection, answered as they are ready.
final class StreamTransport: Sendable {
  private static let connectionLimit = 256
  private static let idleTimeout = TimeAmount.seconds(10)
  private let channel: any Channel

  /// Listens on a bound socket.
  init(
    socket: OwnedSocket, loop: any EventLoop, table: NameTable,
    configuration: NameServer.Configuration, forwarder: Forwarder, metrics: NameServerMetrics
  ) async throws {
    let connections = ConnectionCount(limit: Self.connectionLimit)
    let bootstrap = ServerBootstrap(group: loop)
      .serverChannelOption(.backlog, value: 128)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let responder = Responder(table: table, zone: configuration.names.zone)
          try channel.pipeline.syncOperations.addHandlers([
            IdleStateHandler(readTimeout: Self.idleTimeout),
            StreamHandler(responder: responder, forwarder: forwarder, metrics: metrics, connections: connections),
          ])
        }
      }
    let raw = try socket.descriptor.duplicate().release()
    channel = try await bootstrap.withBoundSocket(raw).get()
  }

  func close() async { try? await channel.close() }
}

/// How many connections there are, for the limit.
private final class ConnectionCount: Sendable {
  private let limit: Int
  private let open = Atomic<Int>(0)

  init(limit: Int) { self.limit = limit }

  /// Counts one more; false where there are too many.
  func enter() -> Bool { open.add(1, ordering: .relaxed).newValue <= limit }
  func leave() { open.subtract(1, ordering: .relaxed) }
}

private final class StreamHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Questions under way for other servers on one connection; reading stops beyond.
  private static let limit = 64
  /// Bytes of queries that wait their turn; a client that sends more without reading is cut off.
  private static let bufferLimit = 4 * WireFormat.streamLimit
  private let responder: Responder
  private let forwarder: Forwarder
  private let metrics: NameServerMetrics
  private let connections: ConnectionCount
  private var received = ByteBuffer()
  private var pending = 0

  init(responder: Responder, forwarder: Forwarder, metrics: NameServerMetrics, connections: ConnectionCount) {
    self.responder = responder
    self.forwarder = forwarder
    self.metrics = metrics
    self.connections = connections
  }

  func channelActive(context: ChannelHandlerContext) {
    if !connections.enter() { context.close(promise: nil) }
  }

  func channelInactive(context: ChannelHandlerContext) { connections.leave() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var buffer = unwrapInboundIn(data)
    received.writeBuffer(&buffer)
    answerAll(context)
    if received.readableBytes > Self.bufferLimit { context.close(promise: nil) }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    answerAll(context)
    context.flush()
  }

  func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent, pending == 0 { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func answerAll(_ context: ChannelHandlerContext) {
    responder.refresh()
    while pending < Self.limit, context.channel.isWritable,
      let message = received.readLengthPrefixedSlice(as: UInt16.self)
    {
      answer(message, context)
    }
    received.discardReadBytes()
    metrics.add(&responder.counted)
  }

  private func answer(_ message: ByteBuffer, _ context: ChannelHandlerContext) {
    var reply = context.channel.allocator.buffer(capacity: 2 + WireFormat.streamLimit)
    var inquiry: Inquiry?
    reply.writeInteger(UInt16(0))
    message.withUnsafeReadableBytes { bytes in
      _ = reply.writeWithUnsafeMutableBytes(minimumWritableBytes: WireFormat.streamLimit) { room in
        let room = UnsafeMutableRawBufferPointer(rebasing: room[..<WireFormat.streamLimit])
        switch responder.respond(to: bytes, in: room, streamed: true) {
        case .reply(let length): return length
        case .drop: return 0
        case .ask(let question):
          inquiry = question
          return 0
        }
      }
    }
    if let inquiry { return forward(inquiry, context) }
    guard reply.readableBytes > 2 else { return context.close(promise: nil) }
    reply.setInteger(UInt16(reply.readableBytes - 2), at: reply.readerIndex)
    context.write(wrapOutboundOut(reply), promise: nil)
  }

  private func forward(_ inquiry: Inquiry, _ context: ChannelHandlerContext) {
    pending += 1
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let loop = context.eventLoop
    forwarder.ask(inquiry) { reply in
      loop.execute {
        let (handler, context) = bound.value
        handler.pending -= 1
        guard context.channel.isActive else { return }
        var buffer = context.channel.allocator.buffer(capacity: reply.count + 2)
        buffer.writeInteger(UInt16(reply.count))
        buffer.writeBytes(reply)
        context.writeAndFlush(handler.wrapOutboundOut(buffer), promise: nil)
        handler.answerAll(context)
        context.flush()
      }
    }
  }
}
