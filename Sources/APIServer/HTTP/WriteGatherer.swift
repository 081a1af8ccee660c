import NIOCore

/// Joins the small writes before a flush into one: the head and the body of an answer then share a TLS record, which each
/// would else have of its own.
final class WriteGatherer: ChannelOutboundHandler, RemovableChannelHandler {
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// What fits a TLS record. Larger writes pass as they are.
  private static let record = 16 << 10

  private var gathered: ByteBuffer?
  private var promise: EventLoopPromise<Void>?

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    var part = unwrapOutboundIn(data)
    if (gathered?.readableBytes ?? 0) + part.readableBytes > Self.record { passOn(context) }
    guard part.readableBytes <= Self.record else {
      context.write(data, promise: promise)
      return
    }
    if gathered == nil { gathered = part } else { gathered?.writeBuffer(&part) }
    guard let promise else { return }
    if let earlier = self.promise { earlier.futureResult.cascade(to: promise) } else { self.promise = promise }
  }

  func flush(context: ChannelHandlerContext) {
    passOn(context)
    context.flush()
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    passOn(context)
    context.close(mode: mode, promise: promise)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    promise?.fail(ChannelError.ioOnClosedChannel)
    promise = nil
    gathered = nil
  }

  private func passOn(_ context: ChannelHandlerContext) {
    guard let gathered else { return }
    self.gathered = nil
    defer { promise = nil }
    context.write(wrapOutboundOut(gathered), promise: promise)
  }
}
