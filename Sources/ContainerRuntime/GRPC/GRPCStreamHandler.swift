import NIOCore
import NIOHTTP2

/// Feeds the HTTP/2 frames of one call to a ``GRPCResponseParser`` and hands on what comes out.
final class GRPCStreamHandler: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload

  private var parser: GRPCResponseParser
  private let deliver: @Sendable (GRPCResponseParser.Event) -> Void

  init(maximumMessageSize: Int, deliver: @escaping @Sendable (GRPCResponseParser.Event) -> Void) {
    parser = GRPCResponseParser(maximumMessageSize: maximumMessageSize)
    self.deliver = deliver
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .headers(let frame): parser.receive(headers: frame.headers).forEach(deliver)
    case .data(let frame):
      if case .byteBuffer(var bytes) = frame.data { parser.receive(data: &bytes).forEach(deliver) }
    case .rstStream(let code): parser.receiveClose("the server reset the call (\(code))").forEach(deliver)
    default: break
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    parser.receiveClose("the connection to the server failed: \(error)").forEach(deliver)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    parser.receiveClose("the connection to the server closed while the call ran").forEach(deliver)
    context.fireChannelInactive()
  }
}
