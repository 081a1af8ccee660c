import NIOCore

/// Before bytes make up a request's head, tells the end of the pipeline that they have begun to come.
final class ArrivalHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let last: HTTPRequestChannelHandler

  init(_ last: HTTPRequestChannelHandler) { self.last = last }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    last.bytesArrived()
    context.fireChannelRead(data)
  }
}
