import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// The end of a pipeline, for HTTP/1.1 connections and HTTP/2 streams alike: collects a request, hands it to the
/// ``RequestHandler`` and writes the answer as fast as the client takes it.
final class HTTPRequestChannelHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias OutboundOut = HTTPResponsePart

  private enum State {
    case idle
    case reading(HTTPRequest, ByteBuffer)
    /// The body was too large; the rest of it is read and dropped.
    case refusing
    case answering(Task<Void, Never>)
  }

  /// As upstream: etcd takes no larger objects, and nobody else does.
  static let maximumBody = 3 << 20

  /// What a connection that has nothing under way waits for.
  private enum Awaited {
    case firstHead
    case nextRequest
    /// Its first bytes are here.
    case head
  }

  private let handler: RequestHandler
  private let timeouts: HTTPTimeouts
  private let connection: ConnectionContext
  private var state = State.idle
  private var awaited = Awaited.firstHead
  /// When the connection last began to wait for a request, or for the rest of one.
  private var waitingSince = NIODeadline.now()
  private var look: RepeatedTask?
  private var context: ChannelHandlerContext?
  /// Why an upgrade on this connection was refused, for the plain answer to the same request.
  private let upgradeFailure: UpgradeFailure?

  /// - Parameter upgradeFailure: of a connection of HTTP/1.1; streams of HTTP/2 have none.
  init(
    handler: RequestHandler, connection: ConnectionContext, timeouts: HTTPTimeouts,
    upgradeFailure: UpgradeFailure? = nil
  ) {
    self.handler = handler
    self.connection = connection
    self.timeouts = timeouts
    self.upgradeFailure = upgradeFailure
  }

  private var isStream: Bool { upgradeFailure == nil }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    // A stream of HTTP/2 begins with its request's head; only whole connections wait for one.
    if isStream { connection.streamOpened() } else { beginToLook(context) }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    look?.cancel()
    look = nil
    self.context = nil
    if isStream { connection.streamClosed() }
  }

  private func beginToLook(_ context: ChannelHandlerContext) {
    let owner = NIOLoopBound(self, eventLoop: context.eventLoop)
    let time = timeouts.timeBetweenLooks
    look = context.eventLoop.scheduleRepeatedTask(initialDelay: time, delay: time) { _ in owner.value.closeIfSlow() }
  }

  /// Bytes have come that make up no request's head yet.
  func bytesArrived() {
    guard case .idle = state, awaited == .nextRequest else { return }
    awaited = .head
    waitingSince = .now()
  }

  /// The whole of most requests comes at once: only the others are looked at again.
  func channelReadComplete(context: ChannelHandlerContext) {
    if isStream, look == nil {
      switch state {
      case .reading, .refusing: beginToLook(context)
      case .idle, .answering: break
      }
    }
    context.fireChannelReadComplete()
  }

  /// Closes a connection whose client takes too long to say what it wants. Who was half understood is told so.
  private func closeIfSlow() {
    guard let context else { return }
    switch state {
    case .idle:
      // A request to upgrade the connection does not come here before somebody else has answered it.
      guard !connection.isBusy else { return }
      let limit = awaited == .nextRequest ? timeouts.idle : timeouts.head
      if waitingSince + limit <= .now() { context.close(promise: nil) }
    case .reading, .refusing:
      guard waitingSince + timeouts.request <= .now() else { return }
      // What still comes of the request is dropped.
      state = .idle
      write(APIServerResponse(.tooSlow), context: context, isHead: false, closes: true)
    case .answering: return
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch (unwrapInboundIn(data), state) {
    case (.head(let head), .idle):
      waitingSince = .now()
      state = .reading(head, ByteBuffer())
    case (.body(var part), .reading(let head, var body)):
      state = .idle
      guard body.readableBytes + part.readableBytes <= Self.maximumBody else {
        state = .refusing
        return
      }
      if body.readableBytes == 0 { body = part } else { body.writeBuffer(&part) }
      state = .reading(head, body)
    case (.end, .reading(let head, let body)): answer(head, body, context)
    case (.end, .refusing):
      state = .idle
      write(APIServerResponse(.bodyTooLarge(limit: Self.maximumBody)), context: context, isHead: false)
    default: break
    }
  }

  /// With the end of an answer comes the client's next request, while it is being written: by then the state is idle again.
  private func answer(_ head: HTTPRequest, _ body: ByteBuffer, _ context: ChannelHandlerContext) {
    if let failure = upgradeFailure?.take() {
      state = .idle
      write(failure, context: context, isHead: false)
      return
    }
    let request = APIServerRequest(
      method: head.method, target: head.path ?? "/", headers: head.headerFields, body: body, user: connection.user,
      remoteAddress: context.channel.remoteAddress?.ipAddress)
    let isHead = head.method == .head
    if let response = handler.handleAtOnce(request) {
      state = .idle
      write(response, context: context, isHead: isHead)
      return
    }
    guard connection.begin() else {
      context.close(promise: nil)
      return
    }
    let answering = Answering(
      handler: handler, connection: connection, request: request, channel: context.channel, isHead: isHead,
      owner: NIOLoopBound(self, eventLoop: context.eventLoop), loop: connection.executor)
    // Joined by nobody: it ends with its answer, or by the cancellation in `channelInactive`.
    state = .answering(Task(executorPreference: answering.isShort ? answering.loop : nil) { await answering.run() })
  }

  /// One request being answered: a short one on the event loop, one that may take long away from it.
  private struct Answering: Sendable {
    /// Writes of one object of this size take a fraction of a millisecond of the loop's time, and wait for the disk
    /// elsewhere. Lists take as long as there are objects.
    private static let shortBody = 64 << 10

    let handler: RequestHandler
    let connection: ConnectionContext
    let request: APIServerRequest
    let channel: any Channel
    let isHead: Bool
    let owner: NIOLoopBound<HTTPRequestChannelHandler>
    let loop: EventLoopExecutor

    var isShort: Bool {
      request.method != .get && request.method != .head && request.body.readableBytes <= Self.shortBody
    }

    func run() async {
      let answer = await handler.handle(request)
      let response = isHead ? answer : SlicedBody.sliced(answer)
      if case .stream(let stream) = response.body {
        let isWhole = await withTaskExecutorPreference(loop) {
          await HTTPRequestChannelHandler.send(response, stream, on: channel)
        }
        channel.eventLoop.execute { owner.value.finishStream(isWhole: isWhole) }
      } else {
        channel.eventLoop.execute { owner.value.finish(response, isHead: isHead) }
      }
      connection.end()
    }
  }

  private func finish(_ response: APIServerResponse, isHead: Bool) {
    state = .idle
    if let context { write(response, context: context, isHead: isHead) }
  }

  /// The end is written from the loop and after the change of state: with it the client's next request comes, and would be
  /// lost while this one counts as being answered.
  private func finishStream(isWhole: Bool) {
    waitingSince = .now()
    awaited = .nextRequest
    state = .idle
    if isWhole { context?.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
  }

  private func write(
    _ response: APIServerResponse, context: ChannelHandlerContext, isHead: Bool, closes mustClose: Bool = false
  ) {
    waitingSince = .now()
    awaited = .nextRequest
    guard case .buffer(let buffer) = response.body else { return }
    var head = HTTPResponse(status: response.status, headerFields: response.headers)
    // The answer to HEAD has the length that GET's would have, where it is known.
    if !isHead || head.headerFields[.contentLength] == nil {
      head.headerFields[.contentLength] = String(buffer.readableBytes)
    }
    // Whoever is not known gets one answer for a connection: there is nothing to keep it open for.
    let closes = mustClose || response.status == .unauthorized
    if mustClose, !isStream { head.headerFields[.connection] = "close" }
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if !isHead { context.write(wrapOutboundOut(.body(buffer)), promise: nil) }
    let promise: EventLoopPromise<Void>? = closes ? context.eventLoop.makePromise() : nil
    if closes { promise?.futureResult.whenComplete { [channel = context.channel] _ in channel.close(promise: nil) } }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
  }

  /// Writes a stream up to its end, part by part, each when the one before has left: a client that does not read holds its
  /// stream up. Returns whether all of it is sent; otherwise the connection is closed.
  private static func send(
    _ response: APIServerResponse, _ stream: any ResponseStream, on channel: any Channel
  ) async -> Bool {
    let head = HTTPResponse(status: response.status, headerFields: response.headers)
    do {
      try await channel.writeAndFlush(HTTPResponsePart.head(head)).get()
      while let part = try await stream.next() {
        try await channel.writeAndFlush(HTTPResponsePart.body(part)).get()
      }
      return true
    } catch {
      stream.cancel()
      channel.close(promise: nil)
      return false
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    if case .answering(let task) = state { task.cancel() }
    state = .idle
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // Why an upgrade was refused: the request comes on as a plain one and is answered with it.
    if error is APIStatus || error is AgentUpgrader.NotUpgraded || error is WebSocketAnswer.Refusal { return }
    context.close(promise: nil)
  }
}
