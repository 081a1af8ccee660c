package import NIOCore

/// The end of a pipeline whose bytes are SPDY/3.1: keeps the streams of the connection.
package final class SPDYHandler: ChannelInboundHandler {
  package typealias InboundIn = ByteBuffer
  package typealias OutboundOut = ByteBuffer

  /// So much may wait for its readers before the connection is read no further.
  private static let maximumWaiting = 8 << 20

  private static let closed = SPDYError(.connectionClosed, "the connection is closed")

  private let eventLoop: any EventLoop
  private let role: SPDYConnection.Role
  private let accept: (SPDYStream) -> Bool
  private var connection: SPDYConnection?
  private var streams: [UInt32: SPDYStream] = [:]
  private var replies: [UInt32: EventLoopPromise<Void>] = [:]
  private var waitingBytes = 0
  private var isPaused = false
  private var context: ChannelHandlerContext?

  /// - Parameter accept: called on the event loop for each stream that the peer opens; `false` refuses it.
  package init(
    _ role: SPDYConnection.Role, eventLoop: any EventLoop, accept: @escaping (SPDYStream) -> Bool = { _ in false }
  ) {
    self.eventLoop = eventLoop
    self.role = role
    self.accept = accept
  }

  package func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    do throws(SPDYError) { connection = try SPDYConnection(role) } catch { context.close(promise: nil) }
  }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard connection != nil else { return }
    let events: [SPDYConnection.Event]
    do throws(SPDYError) {
      events = try connection!.receive(unwrapInboundIn(data))
    } catch {
      return fail(error, context)
    }
    for event in events { take(event, context) }
    if waitingBytes > Self.maximumWaiting, !isPaused {
      isPaused = true
      context.channel.setOption(.autoRead, value: false).whenComplete { _ in }
    }
  }

  package func channelReadComplete(context: ChannelHandlerContext) {
    context.flush()
    context.fireChannelReadComplete()
  }

  private func take(_ event: SPDYConnection.Event, _ context: ChannelHandlerContext) {
    switch event {
    case .opened(let id, let headers): opened(id, headers, context)
    case .replied(let id): replies.removeValue(forKey: id)?.succeed()
    case .received(let id, let bytes):
      guard let stream = streams[id] else { return }
      waitingBytes += bytes.readableBytes
      stream.push(bytes)
    // Nothing more will come for it; what it has it keeps.
    case .ended(let id): streams.removeValue(forKey: id)?.end()
    case .reset(let id, let status):
      let error = SPDYError(.streamReset(status), "the peer has reset the stream (status \(status))")
      replies.removeValue(forKey: id)?.fail(error)
      // What came before stays to be read: peers reset what they have written to the end.
      streams.removeValue(forKey: id)?.fail(error)
    // What is open goes on to its end.
    case .goingAway: break
    case .send(let bytes): context.write(wrapOutboundOut(bytes), promise: nil)
    }
  }

  private func opened(_ id: UInt32, _ headers: SPDYHeaders, _ context: ChannelHandlerContext) {
    let stream = SPDYStream(id: id, headers: headers, handler: self, eventLoop: eventLoop)
    streams[id] = stream
    guard accept(stream) else {
      return reset(id, status: SPDYFrame.ResetStatus.refusedStream)
    }
    do throws(SPDYError) {
      guard let bytes = try connection?.reply(to: id) else { return }
      context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    } catch {
      fail(error, context)
    }
  }

  private func fail(_ error: SPDYError, _ context: ChannelHandlerContext) {
    connection = nil
    closeStreams(error)
    context.close(promise: nil)
  }

  private func closeStreams(_ error: SPDYError) {
    let open = streams
    let asked = replies
    streams = [:]
    replies = [:]
    for promise in asked.values { promise.fail(error) }
    for stream in open.values { stream.fail(error) }
  }

  package func channelInactive(context: ChannelHandlerContext) {
    closeStreams(Self.closed)
    connection = nil
    context.fireChannelInactive()
  }

  package func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  package func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  // MARK: On the event loop, for streams

  /// Opens a stream and waits until the peer has accepted it.
  package func open(_ headers: SPDYHeaders) -> EventLoopFuture<SPDYStream> {
    guard let context, connection != nil else { return eventLoop.makeFailedFuture(Self.closed) }
    do throws(SPDYError) {
      let (id, bytes) = try connection!.open(headers)
      let stream = SPDYStream(id: id, headers: headers, handler: self, eventLoop: eventLoop)
      let promise = eventLoop.makePromise(of: Void.self)
      streams[id] = stream
      replies[id] = promise
      context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
      return promise.futureResult.map { stream }
    } catch {
      return eventLoop.makeFailedFuture(error)
    }
  }

  func send(_ bytes: ByteBuffer, on id: UInt32, isLast: Bool) -> EventLoopFuture<Void> {
    guard let context, connection != nil else { return eventLoop.makeFailedFuture(Self.closed) }
    do throws(SPDYError) {
      let frame = try connection!.data(bytes, on: id, isLast: isLast)
      let promise = eventLoop.makePromise(of: Void.self)
      context.writeAndFlush(wrapOutboundOut(frame), promise: promise)
      return promise.futureResult
    } catch {
      return eventLoop.makeFailedFuture(error)
    }
  }

  func reset(_ id: UInt32, status: UInt32) {
    taken(streams.removeValue(forKey: id)?.drop(SPDYError(.streamFinished, "the stream was given up")) ?? 0)
    guard let context, let bytes = connection?.reset(id, status: status) else { return }
    context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
  }

  /// A reader took so much.
  func taken(_ count: Int) {
    waitingBytes -= count
    guard isPaused, waitingBytes < Self.maximumWaiting / 2, let context else { return }
    isPaused = false
    context.channel.setOption(.autoRead, value: true).whenComplete { _ in }
  }

  /// Says that no more streams are taken.
  package func goAway() {
    guard let context, let bytes = connection?.goAway() else { return }
    context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
  }
}
