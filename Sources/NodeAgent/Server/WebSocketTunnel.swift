import NIOCore
import NIOWebSocket

/// A WebSocket as a plain connection: the bytes of its messages one after the other.
///
/// kubectl carries SPDY in it (`SPDY/3.1+portforward.k8s.io`), through proxies that know WebSockets only.
final class WebSocketTunnel: ChannelDuplexHandler {
  typealias InboundIn = WebSocketFrame
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = WebSocketFrame

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    switch frame.opcode {
    case .binary, .text, .continuation:
      let bytes = frame.unmaskedData
      if bytes.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(bytes)) }
    case .ping:
      context.writeAndFlush(
        wrapOutboundOut(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)), promise: nil)
    case .connectionClose:
      let channel = context.channel
      context.writeAndFlush(wrapOutboundOut(.normalClosure)).whenComplete { _ in channel.close(promise: nil) }
    default: break
    }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    context.write(
      wrapOutboundOut(WebSocketFrame(fin: true, opcode: .binary, data: unwrapOutboundIn(data))), promise: promise)
  }
}
