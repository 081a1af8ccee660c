import HTTPTypes
import JSONTree
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Gives what streams, a watch or a log, in a WebSocket: browsers have nothing else.
final class WebSocketAnswer: Sendable {
  /// How bytes become messages.
  enum Framing: Sendable {
    /// As they come.
    case binary
    /// As they come, in Base64.
    case base64
    /// Each line is a message without its end: the events of a watch.
    case lines
  }

  private let stream: any ResponseStream
  private let framing: Framing
  private let subprotocol: String?

  /// A client sends nothing but the end of its connection.
  private static let maximumFrame = 1 << 14

  /// Asks `handler` for what the request streams. `nil` where it is for something else; an answer that is no stream is
  /// given back as it is.
  static func make(
    _ request: APIServerRequest, handler: RequestHandler
  ) async -> Result<WebSocketAnswer, Refusal>? {
    let (path, query) = RequestHandler.split(request.target)
    guard let info = RequestInfo(path: path, method: request.method, query: query), request.method == .get,
      info.verb == "watch" || info.subresource == "log"
    else { return nil }
    let offered = WebSocketCredentials.subprotocols(of: request)
    var plain = request
    // The messages of a watch are JSON.
    plain.headers[.accept] = info.verb == "watch" ? "application/json" : "*/*"
    let response = await handler.handle(plain)
    guard case .stream(let stream) = response.body, response.status == .ok else {
      return .failure(Refusal(response: response))
    }
    let framing: Framing
    if info.verb == "watch" {
      framing = .lines
    } else {
      framing = offered.first == "base64.binary.k8s.io" ? .base64 : .binary
    }
    return .success(WebSocketAnswer(stream, framing, offered.first))
  }

  struct Refusal: Error {
    let response: APIServerResponse
  }

  private init(_ stream: any ResponseStream, _ framing: Framing, _ subprotocol: String?) {
    self.stream = stream
    self.framing = framing
    self.subprotocol = subprotocol
  }

  /// May be called at any time, more than once.
  func cancel() { stream.cancel() }

  func upgrader() -> NIOWebSocketServerUpgrader {
    let headers: HTTPHeaders = subprotocol.map { ["Sec-WebSocket-Protocol": $0] } ?? [:]
    return NIOWebSocketServerUpgrader(
      maxFrameSize: Self.maximumFrame, automaticErrorHandling: true,
      shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(headers) },
      upgradePipelineHandler: { [self] channel, _ in
        channel.eventLoop.makeCompletedFuture {
          let wrapped = try NIOAsyncChannel<WebSocketFrame, WebSocketFrame>(wrappingChannelSynchronously: channel)
          // Ends with the stream or the connection, whichever is first.
          Task { await run(wrapped) }
        }
      })
  }

  private func run(_ channel: NIOAsyncChannel<WebSocketFrame, WebSocketFrame>) async {
    try? await channel.executeThenClose { inbound, outbound in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { [self] in
          try await send(outbound)
          var code = ByteBuffer()
          code.write(webSocketErrorCode: .normalClosure)
          try await outbound.write(WebSocketFrame(fin: true, opcode: .connectionClose, data: code))
        }
        group.addTask {
          for try await frame in inbound {
            if frame.opcode == .connectionClose { return }
            guard frame.opcode == .ping else { continue }
            try await outbound.write(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData))
          }
        }
        defer { group.cancelAll() }
        try await group.next()
      }
    }
  }

  private func send(_ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>) async throws {
    // The beginning of a line whose end has not come.
    var kept = ByteBuffer()
    while var part = try await stream.next() {
      switch framing {
      case .binary: try await outbound.write(WebSocketFrame(fin: true, opcode: .binary, data: part))
      case .base64:
        let text = ByteBuffer(string: Base64.encode(Array(part.readableBytesView)))
        try await outbound.write(WebSocketFrame(fin: true, opcode: .text, data: text))
      case .lines:
        kept.writeBuffer(&part)
        while let end = kept.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
          let line = kept.readSlice(length: end - kept.readerIndex) ?? ByteBuffer()
          kept.moveReaderIndex(forwardBy: 1)
          if line.readableBytes > 0 {
            try await outbound.write(WebSocketFrame(fin: true, opcode: .text, data: line))
          }
        }
        kept.discardReadBytes()
      }
    }
  }
}
