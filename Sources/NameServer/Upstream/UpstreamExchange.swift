import NIOCore
import NIOPosix
import NamePlan
import NetworkTypes

/// One question to one server over UDP from a port of its own; over TCP where the answer was cut.
enum UpstreamExchange {
  static func ask(
    _ query: UpstreamQuery, of server: SocketEndpoint, on loop: any EventLoop, timeout: TimeAmount
  ) -> EventLoopFuture<[UInt8]> {
    datagram(query, of: server, on: loop, timeout: timeout).flatMap { answer in
      guard answer[2] & 0x02 != 0 else { return loop.makeSucceededFuture(answer) }
      // Half an answer is better than none.
      return stream(query, of: server, on: loop, timeout: timeout).recover { _ in answer }
    }
  }

  private static func datagram(
    _ query: UpstreamQuery, of server: SocketEndpoint, on loop: any EventLoop, timeout: TimeAmount
  ) -> EventLoopFuture<[UInt8]> {
    exchange(query, with: server, on: loop, timeout: timeout) { remote, pending in
      DatagramBootstrap(group: loop)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(DatagramAnswerHandler(pending))
          }
        }
        .connect(to: remote)
        .map { channel in
          let buffer = channel.allocator.buffer(bytes: pending.message)
          channel.writeAndFlush(AddressedEnvelope(remoteAddress: remote, data: buffer))
            .cascadeFailure(to: pending.promise)
          return channel
        }
    }
  }

  private static func stream(
    _ query: UpstreamQuery, of server: SocketEndpoint, on loop: any EventLoop, timeout: TimeAmount
  ) -> EventLoopFuture<[UInt8]> {
    exchange(query, with: server, on: loop, timeout: timeout) { remote, pending in
      ClientBootstrap(group: loop).connectTimeout(timeout)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(StreamAnswerHandler(pending))
          }
        }
        .connect(to: remote)
        .map { channel in
          let message = pending.message
          var buffer = channel.allocator.buffer(capacity: message.count + 2)
          buffer.writeInteger(UInt16(message.count))
          buffer.writeBytes(message)
          channel.writeAndFlush(buffer).cascadeFailure(to: pending.promise)
          return channel
        }
    }
  }

  /// - Parameter open: Opens a channel whose handler keeps the promise, and asks on it.
  private static func exchange(
    _ query: UpstreamQuery, with server: SocketEndpoint, on loop: any EventLoop, timeout: TimeAmount,
    open: @escaping @Sendable (SocketAddress, PendingAnswer) -> EventLoopFuture<any Channel>
  ) -> EventLoopFuture<[UInt8]> {
    let pending = PendingAnswer(query, loop.makePromise(of: [UInt8].self))
    return loop.makeCompletedFuture {
      try SocketAddress(ipAddress: server.address.description, port: Int(server.port))
    }
    .flatMap { open($0, pending) }
    .flatMap { wait(pending.promise, on: $0, timeout: timeout, server: server) }
    .flatMapErrorThrowing { error in
      // Without a channel nobody else completes the promise.
      pending.promise.fail(error)
      throw error
    }
  }

  private static func wait(
    _ promise: EventLoopPromise<[UInt8]>, on channel: any Channel, timeout: TimeAmount, server: SocketEndpoint
  ) -> EventLoopFuture<[UInt8]> {
    let deadline = channel.eventLoop.scheduleTask(in: timeout) {
      promise.fail(
        NameServerError(.upstreamSilent, "\(server) did not answer within \(timeout.nanoseconds / 1_000_000) ms"))
    }
    promise.futureResult.whenComplete { _ in
      deadline.cancel()
      channel.close(promise: nil)
    }
    return promise.futureResult
  }
}

/// A question with an identifier of its own, and the promise of its answer.
private struct PendingAnswer: Sendable {
  let promise: EventLoopPromise<[UInt8]>
  private let query: UpstreamQuery
  private let identifier = UInt16.random(in: .min ... .max)

  init(_ query: UpstreamQuery, _ promise: EventLoopPromise<[UInt8]>) {
    self.query = query
    self.promise = promise
  }

  var message: [UInt8] { query.message(identifier: identifier) }

  func isAnswered(by message: [UInt8]) -> Bool { query.isAnswered(by: message, identifier: identifier) }
}

/// Takes the first datagram that answers the question; strays are passed over.
private final class DatagramAnswerHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private let pending: PendingAnswer

  init(_ pending: PendingAnswer) { self.pending = pending }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let message = Array(unwrapInboundIn(data).data.readableBytesView)
    if pending.isAnswered(by: message) { pending.promise.succeed(message) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { pending.promise.fail(error) }

  func channelInactive(context: ChannelHandlerContext) {
    pending.promise.fail(NameServerError(.upstreamUnreachable, "the socket was closed"))
  }
}

/// Collects one message behind its length.
private final class StreamAnswerHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let pending: PendingAnswer
  private var received = ByteBuffer()

  init(_ pending: PendingAnswer) { self.pending = pending }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var buffer = unwrapInboundIn(data)
    received.writeBuffer(&buffer)
    guard let message = received.getLengthPrefixedSlice(at: received.readerIndex, as: UInt16.self) else { return }
    let bytes = Array(message.readableBytesView)
    if pending.isAnswered(by: bytes) {
      pending.promise.succeed(bytes)
    } else {
      pending.promise.fail(NameServerError(.malformedMessage, "the server answered another question"))
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { pending.promise.fail(error) }

  func channelInactive(context: ChannelHandlerContext) {
    pending.promise.fail(NameServerError(.upstreamUnreachable, "the server closed the connection"))
  }
}
