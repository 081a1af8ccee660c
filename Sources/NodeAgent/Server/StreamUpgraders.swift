import KubernetesAPI
import Logging
import NIOCore
import NIOHTTP1
import NIOWebSocket
import SPDY

/// Why a connection was not upgraded, as the plain answer to the same request.
struct StreamRefusal: Error {
  let status: HTTPResponseStatus
  let message: String

  init(_ error: any Error) {
    switch error {
    case let error as StreamRefusal: self = error
    case let error as NodeAgentError where error.code == .notFound: self.init(.notFound, error.message)
    case let error as NodeAgentError where error.code == .badRequest: self.init(.badRequest, error.message)
    default: self.init(.internalServerError, PodWorker.message(error))
    }
  }

  init(_ status: HTTPResponseStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  /// Upstream's, where no protocol is known to both sides.
  static func noProtocol(_ offered: [String], _ known: [String]) -> StreamRefusal {
    let lists = [offered, known].map { "[\($0.joined(separator: " "))]" }
    return StreamRefusal(
      .forbidden,
      "unable to upgrade: unable to negotiate protocol: client supports \(lists[0]), server accepts \(lists[1])")
  }
}

// MARK: SPDY

/// Makes a connection one of SPDY streams.
final class SPDYServerUpgrader: HTTPServerProtocolUpgrader, Sendable {
  let supportedProtocol = "SPDY/3.1"
  let requiredUpgradeHeaders: [String] = []
  private static let header = "X-Stream-Protocol-Version"
  private let server: NodeServer

  init(server: NodeServer) { self.server = server }

  func buildUpgradeResponse(
    channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
  ) -> EventLoopFuture<HTTPHeaders> {
    channel.eventLoop.makeFutureWithTask { [server] in
      let request: StreamRequest
      do { request = try await server.streamRequest(upgradeRequest) } catch { throw StreamRefusal(error) }
      var headers = initialResponseHeaders
      let version = try Self.version(upgradeRequest, request)
      if !version.isEmpty { headers.add(name: Self.header, value: version) }
      return headers
    }
  }

  /// Empty where the client is older than the choice.
  private static func version(_ head: HTTPRequestHead, _ request: StreamRequest) throws -> String {
    let offered = head.headers[canonicalForm: header].map(String.init)
    guard !offered.isEmpty else { return "" }
    let known: [String]
    switch request {
    case .command: known = SPDYCommand.versions
    case .portForward: known = [SPDYPortForward.version]
    }
    guard let chosen = offered.first(where: known.contains) else { throw StreamRefusal.noProtocol(offered, known) }
    return chosen
  }

  func upgrade(context: ChannelHandlerContext, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<Void> {
    let channel = context.channel
    return channel.eventLoop.makeFutureWithTask { [server] in
      let request = try await server.streamRequest(upgradeRequest)
      return (request, try Self.version(upgradeRequest, request))
    }.flatMapThrowing { [server] (request, version) in
      try server.serveSPDY(request, version: version, on: channel)
    }
  }
}

extension NodeServer {
  /// Adds SPDY to the end of the pipeline. On the channel's event loop.
  func serveSPDY(_ request: StreamRequest, version: String, on channel: any Channel) throws {
    let (streams, arrivals) = AsyncStream.makeStream(of: SPDYStream.self)
    let handler = SPDYHandler(.server, eventLoop: channel.eventLoop) { stream in
      arrivals.yield(stream)
      return true
    }
    channel.closeFuture.whenComplete { _ in arrivals.finish() }
    try channel.pipeline.syncOperations.addHandler(handler)
    // Ends with the command or the connection, whichever is first.
    Task { [logger] in
      switch request {
      case .command(let command):
        await SPDYCommand(command: command, version: version, logger: logger).run(streams, on: channel)
      case .portForward(let ports, _): await SPDYPortForward(ports: ports, logger: logger).run(streams, on: channel)
      }
    }
  }
}

// MARK: WebSocket

extension NodeServer {
  /// A message of a client's may have this size.
  private static var maximumFrame: Int { 16 << 20 }

  func webSocketUpgrader() -> NIOWebSocketServerUpgrader {
    NIOWebSocketServerUpgrader(
      maxFrameSize: Self.maximumFrame, automaticErrorHandling: true,
      shouldUpgrade: { channel, head in
        channel.eventLoop.makeFutureWithTask {
          do {
            let name = try Self.subprotocol(head, try await streamRequest(head))
            return name.isEmpty ? HTTPHeaders() : ["Sec-WebSocket-Protocol": name]
          } catch {
            throw StreamRefusal(error)
          }
        }
      },
      upgradePipelineHandler: { channel, head in
        channel.eventLoop.makeFutureWithTask { try await streamRequest(head) }.flatMapThrowing { request in
          try serveWebSocket(request, try Self.subprotocol(head, request), on: channel)
        }
      })
  }

  private static var tunnel: String { "SPDY/3.1+\(SPDYPortForward.version)" }

  private static func subprotocol(_ head: HTTPRequestHead, _ request: StreamRequest) throws -> String {
    let offered = head.headers[canonicalForm: "Sec-WebSocket-Protocol"].map(String.init)
    let chosen: String?
    let known: [String]
    switch request {
    case .command:
      chosen = ChannelProtocol.choose(offered)?.name
      known = ChannelProtocol.all.map(\.name)
    case .portForward:
      known = [tunnel] + ChannelProtocol.forwarding.map(\.name)
      chosen =
        offered.contains(tunnel) ? tunnel : ChannelProtocol.choose(offered, among: ChannelProtocol.forwarding)?.name
    }
    guard let chosen else { throw StreamRefusal.noProtocol(offered, known) }
    return chosen
  }

  private func serveWebSocket(_ request: StreamRequest, _ name: String, on channel: any Channel) throws {
    if name == Self.tunnel {
      try channel.pipeline.syncOperations.addHandler(WebSocketTunnel())
      return try serveSPDY(request, version: SPDYPortForward.version, on: channel)
    }
    let version = ChannelProtocol(name: name)
    // A long message comes in fragments, of which only the first names its channel.
    try channel.pipeline.syncOperations.addHandler(
      NIOWebSocketFrameAggregator(
        minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1024, maxAccumulatedFrameSize: Self.maximumFrame))
    let wrapped = try NIOAsyncChannel<WebSocketFrame, WebSocketFrame>(wrappingChannelSynchronously: channel)
    // Ends with the command or the connection, whichever is first.
    Task { [logger] in
      switch request {
      case .command(let command):
        await WebSocketCommand(command: command, version: version, logger: logger).run(wrapped)
      case .portForward(let ports, let numbers):
        await WebSocketPortForward(ports: ports, numbers: numbers, version: version, logger: logger).run(wrapped)
      }
    }
  }
}
