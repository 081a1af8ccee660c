import NIOCore

/// One end of a tunnel: what is read here is written there, no faster than the other side takes it.
final class GlueHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let peer: any Channel
  private var isClosing = false

  private init(peer: any Channel) { self.peer = peer }

  /// Joins two channels that carry bytes. The second may have been held back by turning `autoRead` off.
  static func join(_ left: any Channel, _ right: any Channel) -> EventLoopFuture<Void> {
    let options = [left, right].map { $0.setOption(.autoRead, value: false) }
    return EventLoopFuture.andAllSucceed(options, on: left.eventLoop)
      .flatMap { add(to: left, peer: right) }
      .flatMap { add(to: right, peer: left).hop(to: left.eventLoop) }
      .flatMap { release(right) }
      .map {
        left.read()
        right.read()
      }
  }

  /// Lets go what a ``HoldingHandler`` has kept.
  private static func release(_ channel: any Channel) -> EventLoopFuture<Void> {
    channel.pipeline.removeHandler(name: HoldingHandler.name).flatMapErrorThrowing { error in
      guard (error as? ChannelPipelineError) == .notFound else { throw error }
    }
  }

  private static func add(to channel: any Channel, peer: any Channel) -> EventLoopFuture<Void> {
    channel.eventLoop.submit { try channel.pipeline.syncOperations.addHandler(GlueHandler(peer: peer)) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let own = context.channel
    // The next read waits for this write: that is the backpressure.
    peer.writeAndFlush(unwrapInboundIn(data)).whenComplete { result in
      if case .success = result { own.read() } else { own.close(promise: nil) }
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    let peer = peer
    // What is still on its way to the peer goes first.
    peer.writeAndFlush(ByteBuffer()).whenComplete { _ in peer.close(promise: nil) }
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
