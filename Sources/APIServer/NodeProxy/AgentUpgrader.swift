import HTTPTypes
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// Upgrades a client's connection by doing the same upgrade with the agent of the pod's node, or with what a `proxy`
/// subresource leads to, and gluing both together: what flows afterwards is between the two.
final class AgentUpgrader: HTTPServerProtocolUpgrader, Sendable {
  let supportedProtocol: String
  let requiredUpgradeHeaders: [String] = []

  private let handler: RequestHandler
  private let dialer: AgentDialer
  private let connection: ConnectionContext
  private let failure: UpgradeFailure
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
    promise.completeWithTask { [self] in
      let headers: HTTPHeaders?
      do throws(APIStatus) {
        headers = try await open(upgradeRequest, initialResponseHeaders)
      } catch {
        failure.set(error)
        throw error
      }
      guard let headers else { throw NotUpgraded() }
      return headers
    }
    return promise.futureResult
  }

  /// A backend that is reached by proxy answered with something else: the request goes on as a plain one.
  struct NotUpgraded: Error {}

  /// `nil` where the backend of a `proxy` subresource does not upgrade.
  private func open(_ head: HTTPRequestHead, _ initial: HTTPHeaders) async throws(APIStatus) -> HTTPHeaders? {
    var fields = HTTPFields()
    for (name, value) in head.headers {
      if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
    }
    let request = APIServerRequest(
      method: HTTPRequest.Method(head.method.rawValue) ?? .get, target: head.uri, headers: fields,
      user: connection.user)
    let target = try handler.upgradeTarget(of: request)
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
      try await channel.writeAndFlush(ByteBuffer(string: Self.requestText(head, target))).get()
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
  private static func requestText(_ head: HTTPRequestHead, _ target: UpgradeTarget) -> String {
    var text =
      "\(head.method.rawValue) \(target.target) HTTP/1.1\r\nHost: \(BackendProxy.authority(target.backend))\r\n"
    for (name, value) in head.headers {
      let lower = name.lowercased()
      if ["host", "authorization", "proxy-authorization"].contains(lower) || lower.hasPrefix("impersonate-") {
        continue
      }
      text += "\(name): \(value)\r\n"
    }
    if let path = target.forwarded {
      text += "X-Forwarded-Uri: \(path.prefix)\(path.rest.isEmpty ? "/" : path.rest)\r\nX-Forwarded-Proto: https\r\n"
    }
    return text + "\r\n"
  }

  func upgrade(context: ChannelHandlerContext, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<Void> {
    guard let (agent, handler) = agent.withLockedValue({ $0 }) else {
      return context.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
    }
    let client = context.channel
    return client.eventLoop.makeCompletedFuture {
      try client.pipeline.syncOperations.addHandler(TunnelHandler(peer: agent))
    }.flatMap {
      agent.eventLoop.submit { try handler.value.glue(agent, to: client) }
    }
  }
}
