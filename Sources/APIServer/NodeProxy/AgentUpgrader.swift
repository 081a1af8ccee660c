import HTTPTypes
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// Upgrades a client's connection by doing the same upgrade with the agent of the pod's node and gluing both together:
/// what flows afterwards is between kubectl and the agent.
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
      do throws(APIStatus) {
        return try await open(upgradeRequest, initialResponseHeaders)
      } catch {
        failure.set(error)
        throw error
      }
    }
    return promise.futureResult
  }

  private func open(_ head: HTTPRequestHead, _ initial: HTTPHeaders) async throws(APIStatus) -> HTTPHeaders {
    var fields = HTTPFields()
    for (name, value) in head.headers {
      if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
    }
    let request = APIServerRequest(
      method: HTTPRequest.Method(head.method.rawValue) ?? .get, target: head.uri, headers: fields,
      user: connection.user)
    let target = try handler.streamTarget(of: request)
    let promise = dialerPromise()
    let channel: any Channel
    do {
      channel = try await dialer.connect(target) { [agent] channel in
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
      throw .internalError("the agent at \(target.address):\(target.port) did not answer: \(error)")
    }
    guard answer.code == 101 else {
      channel.close(promise: nil)
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

  /// The client's own request, for the agent's path and without its credentials.
  private static func requestText(_ head: HTTPRequestHead, _ target: StreamTarget) -> String {
    var text = "\(head.method.rawValue) \(target.target) HTTP/1.1\r\nHost: \(target.address):\(target.port)\r\n"
    for (name, value) in head.headers where !["host", "authorization"].contains(name.lowercased()) {
      text += "\(name): \(value)\r\n"
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
