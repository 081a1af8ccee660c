import NIOCore

/// A keep-alive connection that sends its next request when the answer to the one before is there, as one client does.
final class LoadConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let run: LoadRun
  private let number: Int
  private var reader = AnswerReader()
  private var sent = NIODeadline.now()
  private var count = 0

  init(_ run: LoadRun, number: Int) {
    self.run = run
    self.number = number
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is Begin { send(context) }
    context.fireUserInboundEventTriggered(event)
  }

  private func send(_ context: ChannelHandlerContext) {
    guard let request = run.request(number, count) else { return run.end() }
    count += 1
    sent = .now()
    context.writeAndFlush(wrapOutboundOut(request), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    do {
      guard try reader.read(unwrapInboundIn(data), expecting: run.status) else { return }
      let now = NIODeadline.now()
      run.took(now - sent, at: now)
      send(context)
    } catch {
      run.fail(error)
      context.close(promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    run.fail(AnswerReader.Fault(description: "the server hung up"))
  }

  /// Tells a connection that it may send.
  struct Begin: Sendable {}
}
