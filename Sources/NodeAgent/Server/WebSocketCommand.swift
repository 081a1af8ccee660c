import ContainerRuntime
import Logging
import NIOCore
import NIOWebSocket

/// Joins one WebSocket to one command in a container.
struct WebSocketCommand: Sendable {
  let command: CommandRequest
  let version: ChannelProtocol
  let logger: Logger

  enum Channel {
    static let input: UInt8 = 0
    static let output: UInt8 = 1
    static let errorOutput: UInt8 = 2
    static let error: UInt8 = 3
    static let resize: UInt8 = 4
    /// Of version 5: the next byte names a channel that has ended.
    static let close: UInt8 = 255
  }

  func run(_ channel: NIOAsyncChannel<WebSocketFrame, WebSocketFrame>) async {
    do {
      try await channel.executeThenClose { inbound, outbound in
        // Tells the client that the connection stands.
        try await outbound.write(version.frame(firstWritable, ByteBuffer()))
        let outcome = await command.run { session in
          for try await frame in inbound {
            guard try await take(frame, session, outbound) else { return }
          }
        } write: { stream, bytes in
          try await outbound.write(version.frame(stream == .output ? Channel.output : Channel.errorOutput, bytes))
        }
        guard let outcome else { return }
        if let text = outcome.text(hasStatus: version.hasStatus) {
          try await outbound.write(version.frame(Channel.error, ByteBuffer(bytes: text)))
        }
        try await outbound.write(.normalClosure)
      }
    } catch {
      logger.debug("A command's connection ended.", metadata: ["error": "\(error)"])
    }
  }

  private var firstWritable: UInt8 {
    if command.request.hasOutput { return Channel.output }
    return command.request.hasErrorOutput ? Channel.errorOutput : Channel.error
  }

  /// Returns false at the end of the connection.
  private func take(
    _ frame: WebSocketFrame, _ session: any ExecSession, _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
  ) async throws -> Bool {
    switch frame.opcode {
    case .binary, .text:
      if let message = message(frame) { await command.take(message, session) }
      return true
    case .ping:
      try await outbound.write(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData))
      return true
    case .connectionClose: return false
    default: return true
    }
  }

  private func message(_ frame: WebSocketFrame) -> RemoteCommand.Message? {
    guard let (channel, bytes) = version.parse(frame) else { return nil }
    switch channel {
    case Channel.input: return .input(Array(bytes.readableBytesView))
    case Channel.close where version.hasClose:
      return bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) == Channel.input ? .closeInput : nil
    case Channel.resize: return RemoteCommand.size(bytes.readableBytesView)
    default: return nil
    }
  }
}

extension WebSocketFrame {
  static var normalClosure: WebSocketFrame {
    var code = ByteBuffer()
    code.write(webSocketErrorCode: .normalClosure)
    return WebSocketFrame(fin: true, opcode: .connectionClose, data: code)
  }
}
