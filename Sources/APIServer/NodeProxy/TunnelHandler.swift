import NIOCore

/// One end of two connections that are glued together: what arrives here leaves there. When the other end takes no more,
/// this one stops reading.
final class TunnelHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let peer: any Channel

  /// - Parameter peer: the other connection.
  init(peer: any Channel) { self.peer = peer }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let channel = context.channel
    peer.write(unwrapInboundIn(data), promise: nil)
    guard !peer.isWritable else { return }
    channel.setOption(.autoRead, value: false).whenComplete { _ in }
    // The flush below ends when the peer has taken everything: then it may go on.
    peer.writeAndFlush(ByteBuffer()).whenComplete { _ in
      channel.setOption(.autoRead, value: true).whenComplete { _ in }
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) { peer.flush() }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .some(ChannelEvent.inputClosed) = event as? ChannelEvent {
      peer.close(mode: .output, promise: nil)
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    // What was written before is sent first.
    peer.writeAndFlush(ByteBuffer()).whenComplete { [peer] _ in peer.close(promise: nil) }
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
