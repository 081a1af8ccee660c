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
    let identifier = UInt16.random(in: .min ... .max)
    let promise = loop.makePromise(of: [UInt8].self)
    return address(server, loop).flatMap { remote in
      DatagramBootstrap(group: loop)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
              DatagramAnswerHandler(query: query, identifier: identifier, promise: promise))
          }
        }
        .connect(to: remote)
        .flatMap { channel in
          let buffer = channel.allocator.buffer(bytes: query.message(identifier: identifier))
          channel.writeAndFlush(AddressedEnvelope(remoteAddress: remote, data: buffer)).cascadeFailure(to: promise)
          return wait(promise, on: channel, timeout: timeout, server: server)
        }
    }.flatMapErrorThrowing { error in
      // Without a channel nobody else completes the promise.
      promise.fail(error)
      throw error
    }
  }

  private static func stream(
    _ query: UpstreamQuery, of server: SocketEndpoint, on loop: any EventLoop, timeout: TimeAmount
  ) -> EventLoopFuture<[UInt8]> {
    let identifier = UInt16.random(in: .min ... .max)
    let promise = loop.makePromise(of: [UInt8].self)
    return address(server, loop).flatMap { remote in
      ClientBootstrap(group: loop).connectTimeout(timeout)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
              StreamAnswerHandler(query: query, identifier: identifier, promise: promise))
          }
        }
        .connect(to: remote)
        .flatMap { channel in
          let message = query.message(identifier: identifier)
          var buffer = channel.allocator.buffer(capacity: message.count + 2)
          buffer.writeInteger(UInt16(message.count))
          buffer.writeBytes(message)
          channel.writeAndFlush(buffer).cascadeFailure(to: promise)
          return wait(promise, on: channel, timeout: timeout, server: server)
        }
    }.flatMapErrorThrowing { error in
      promise.fail(error)
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

  private static func address(_ server: SocketEndpoint, _ loop: any EventLoop) -> EventLoopFuture<SocketAddress> {
    loop.makeCompletedFuture {
      try SocketAddress(ipAddress: server.address.description, port: Int(server.port))
    }
  }
}

/// Takes the first datagram that answers the question; strays are passed over.
private final class DatagramAnswerHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private let query: UpstreamQuery
  private let identifier: UInt16
  private let promise: EventLoopPromise<[UInt8]>

  init(query: UpstreamQuery, identifier: UInt16, promise: EventLoopPromise<[UInt8]>) {
    self.query = query
    self.identifier = identifier
    self.promise = promise
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let message = Array(unwrapInboundIn(data).data.readableBytesView)
    if query.isAnswered(by: message, identifier: identifier) { promise.succeed(message) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { promise.fail(error) }

  func channelInactive(context: ChannelHandlerContext) {
    promise.fail(NameServerError(.upstreamUnreachable, "the socket was closed"))
  }
}

/// Collects one message behind its length.
private final class StreamAnswerHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let query: UpstreamQuery
  private let identifier: UInt16
  private let promise: EventLoopPromise<[UInt8]>
  private var received = ByteBuffer()

  init(query: UpstreamQuery, identifier: UInt16, promise: EventLoopPromise<[UInt8]>) {
    self.query = query
    self.identifier = identifier
    self.promise = promise
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var buffer = unwrapInboundIn(data)
    received.writeBuffer(&buffer)
    guard let message = received.getLengthPrefixedSlice(at: received.readerIndex, as: UInt16.self) else { return }
    let bytes = Array(message.readableBytesView)
    if query.isAnswered(by: bytes, identifier: identifier) {
      promise.succeed(bytes)
    } else {
      promise.fail(NameServerError(.malformedMessage, "the server answered another question"))
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { promise.fail(error) }

  func channelInactive(context: ChannelHandlerContext) {
    promise.fail(NameServerError(.upstreamUnreachable, "the server closed the connection"))
  }
}
