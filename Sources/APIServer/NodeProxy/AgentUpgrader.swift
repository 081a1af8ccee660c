import HTTPTypes
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Upgrades a client's connection by doing the same upgrade with the agent of the pod's node, or with what a `proxy`
/// subresource leads to, and gluing both together: what flows afterwards is between the two.
final class AgentUpgrader: HTTPServerProtocolUpgrader, Sendable {
  let supportedProtocol: String
  let requiredUpgradeHeaders: [String] = []

  private let handler: RequestHandler
  private let dialer: AgentDialer
  private let connection: ConnectionContext
  private let failure: UpgradeFailure
  /// For what the server itself streams.
  private let own = NIOLockedValueBox<WebSocketAnswer?>(nil)
  private let isGlued = NIOLockedValueBox(false)
  private let record = NIOLockedValueBox<AuditRecord?>(nil)
  private let agent = NIOLockedValueBox<(channel: any Channel, handler: NIOLoopBound<AgentUpgradeHandler>)?>(nil)

  init(
    _ supportedProtocol: String, handler: RequestHandler, dialer: AgentDialer, connection: ConnectionContext,
    failure: UpgradeFailure
  ) {
    self.supportedProtocol = supportedProtocol
    self.handler = handler
    self.dialer = dialer
    self.connection = connection
    self.failure = failure
  }

  func buildUpgradeResponse(
    channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
  ) -> EventLoopFuture<HTTPHeaders> {
    let promise = channel.eventLoop.makePromise(of: HTTPHeaders.self)
    guard connection.begin() else { return channel.eventLoop.makeFailedFuture(NotUpgraded()) }
    promise.futureResult.whenComplete { [connection] _ in connection.end() }
    promise.completeWithTask { [self] in
      let request = request(upgradeRequest, from: channel)
      if supportedProtocol == "websocket", let answer = await WebSocketAnswer.make(request, handler: handler) {
        return try await take(answer, channel, upgradeRequest, initialResponseHeaders)
      }
      let headers: HTTPHeaders?
      do throws(APIStatus) {
        headers = try await open(request, upgradeRequest, initialResponseHeaders)
      } catch {
        failure.set(APIServerResponse(error))
        throw error
      }
      guard let headers else { throw NotUpgraded() }
      follow(channel)
      // A client that is gone before the upgrade leaves nobody to end the agent's connection.
      channel.closeFuture.whenComplete { [agent, isGlued] _ in
        if !isGlued.withLockedValue({ $0 }) { agent.withLockedValue { $0 }?.channel.close(promise: nil) }
      }
      return headers
    }
    return promise.futureResult
  }

  /// Tells the audit log that the streams have begun, and when they have ended.
  private func follow(_ channel: any Channel) {
    guard let record = record.withLockedValue({ $0 }) else { return }
    let response = APIServerResponse(status: .switchingProtocols, body: .buffer(ByteBuffer()))
    record.start(response)
    channel.closeFuture.whenComplete { _ in record.end(response) }
  }

  /// A backend that is reached by proxy answered with something else: the request goes on as a plain one.
  struct NotUpgraded: Error {}

  private func request(_ head: HTTPRequestHead, from channel: any Channel) -> APIServerRequest {
    var fields = HTTPFields()
    for (name, value) in head.headers {
      if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
    }
    return WebSocketCredentials.moved(
      APIServerRequest(
        method: HTTPRequest.Method(head.method.rawValue) ?? .get, target: head.uri, headers: fields,
        user: connection.user, remoteAddress: channel.remoteAddress?.ipAddress))
  }

  /// What the server itself streams stays here.
  private func take(
    _ answer: Result<WebSocketAnswer, WebSocketAnswer.Refusal>, _ channel: any Channel, _ head: HTTPRequestHead,
    _ initial: HTTPHeaders
  ) async throws -> HTTPHeaders {
    switch answer {
    case .failure(let refusal):
      failure.set(refusal.response)
      throw refusal
    case .success(let answer):
      own.withLockedValue { $0 = answer }
      // Whatever becomes of the upgrade, the stream goes no longer than the connection.
      channel.closeFuture.whenComplete { _ in answer.cancel() }
      return try await channel.eventLoop.flatSubmit {
        answer.upgrader().buildUpgradeResponse(
          channel: channel, upgradeRequest: head, initialResponseHeaders: initial)
      }.get()
    }
  }

  /// `nil` where the backend of a `proxy` subresource does not upgrade.
  private func open(
    _ request: APIServerRequest, _ head: HTTPRequestHead, _ initial: HTTPHeaders
  ) async throws(APIStatus) -> HTTPHeaders? {
    let target = try handler.upgradeTarget(of: request)
    do {
      let headers = try await open(target, request, initial)
      if headers == nil { target.record?.drop() } else { target.record?.release() }
      record.withLockedValue { $0 = headers == nil ? nil : target.record }
      return headers
    } catch {
      _ = target.record?.finish(APIServerResponse(error))
      target.record?.release()
      throw error
    }
  }

  private func open(
    _ target: UpgradeTarget, _ request: APIServerRequest, _ initial: HTTPHeaders
  ) async throws(APIStatus) -> HTTPHeaders? {
    let promise = dialerPromise()
    let channel: any Channel
    do {
      channel = try await dialer.connect(target.backend) { [agent] channel in
        let handler = AgentUpgradeHandler(answer: promise)
        try channel.pipeline.syncOperations.addHandler(handler)
        agent.withLockedValue { $0 = (channel, NIOLoopBound(handler, eventLoop: channel.eventLoop)) }
      }
    } catch {
      promise.fail(error)
      throw error
    }
    let answer: AgentUpgradeAnswer
    do {
      try await channel.writeAndFlush(ByteBuffer(string: Self.requestText(request, target))).get()
      answer = try await promise.futureResult.get()
    } catch {
      channel.close(promise: nil)
      throw .internalError("\(BackendProxy.authority(target.backend)) did not answer: \(error)")
    }
    guard answer.code == 101 else {
      channel.close(promise: nil)
      if target.forwarded != nil { return nil }
      throw AgentProxy.refusal(code: answer.code, String(buffer: answer.rest))
    }
    var headers = initial
    for (name, value) in answer.headers where !["connection", "upgrade", "content-length"].contains(name.lowercased()) {
      headers.add(name: name, value: value)
    }
    return headers
  }

  private func dialerPromise() -> EventLoopPromise<AgentUpgradeAnswer> {
    dialer.group.next().makePromise(of: AgentUpgradeAnswer.self)
  }

  /// The client's own request, for the other path and without its credentials.
  private static func requestText(_ request: APIServerRequest, _ target: UpgradeTarget) -> String {
    var text =
      "\(request.method) \(target.target) HTTP/1.1\r\nHost: \(BackendProxy.authority(target.backend))\r\n"
    for field in request.headers {
      let name = field.name.canonicalName
      if ["host", "authorization", "proxy-authorization"].contains(name) || name.hasPrefix("impersonate-") { continue }
      text += "\(field.name.rawName): \(field.value)\r\n"
    }
    if let path = target.forwarded {
      text += "X-Forwarded-Uri: \(path.prefix)\(path.rest.isEmpty ? "/" : path.rest)\r\nX-Forwarded-Proto: https\r\n"
    }
    return text + "\r\n"
  }

  func upgrade(context: ChannelHandlerContext, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<Void> {
    if let own = own.withLockedValue({ $0 }) {
      return own.upgrader().upgrade(context: context, upgradeRequest: upgradeRequest)
    }
    guard let (agent, handler) = agent.withLockedValue({ $0 }) else {
      return context.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
    }
    isGlued.withLockedValue { $0 = true }
    let client = context.channel
    return client.eventLoop.makeCompletedFuture {
      try client.pipeline.syncOperations.addHandler(TunnelHandler(peer: agent))
    }.flatMap {
      agent.eventLoop.submit { try handler.value.glue(agent, to: client) }
    }
  }
}
