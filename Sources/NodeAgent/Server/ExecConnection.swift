import ContainerRuntime
import JSONTree
import Logging
import NIOCore
import NIOWebSocket

/// Joins one WebSocket to one command in a container.
struct ExecConnection: Sendable {
  let request: ExecRequest
  let runtime: any RuntimeService
  let logger: Logger

  private struct Disconnected: Error {}

  func run(_ channel: NIOAsyncChannel<WebSocketFrame, WebSocketFrame>) async {
    do {
      try await channel.executeThenClose { inbound, outbound in
        let status: JSON
        do {
          let session = try await runtime.exec(request)
          let code = try await join(session, inbound, outbound)
          status = RemoteCommand.status(exitCode: code)
        } catch is Disconnected {
          return
        } catch {
          status = RemoteCommand.status(
            failure: "error executing command in container: \(PodWorker.message(error))")
        }
        try await outbound.write(Self.frame(RemoteCommand.Stream.error, ByteBuffer(bytes: status.encoded())))
        var code = ByteBuffer()
        code.write(webSocketErrorCode: .normalClosure)
        try await outbound.write(WebSocketFrame(fin: true, opcode: .connectionClose, data: code))
      }
    } catch {
      logger.debug("A command's connection ended.", metadata: ["error": "\(error)"])
    }
  }

  private func join(
    _ session: any ExecSession, _ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>,
    _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
  ) async throws -> Int32 {
    try await withThrowingTaskGroup(of: Int32?.self) { group in
      group.addTask {
        try await session.run { stream, bytes in
          let number = stream == .output ? RemoteCommand.Stream.output : RemoteCommand.Stream.errorOutput
          try await outbound.write(Self.frame(number, bytes))
        }
      }
      group.addTask {
        for try await frame in inbound {
          guard try await take(frame, session, outbound) else { break }
        }
        // Whoever asked has gone: the command ends with the group.
        throw Disconnected()
      }
      guard let first = try await group.next(), let code = first else { throw Disconnected() }
      group.cancelAll()
      return code
    }
  }

  /// Returns false at the end of the connection.
  private func take(
    _ frame: WebSocketFrame, _ session: any ExecSession, _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
  ) async throws -> Bool {
    switch frame.opcode {
    case .binary, .text:
      switch RemoteCommand.parse(Array(frame.unmaskedData.readableBytesView)) {
      // A command that reads no more, or has ended, is not disturbed by what is still sent to it.
      case .input(let bytes):
        if request.hasInput, !bytes.isEmpty { try? await session.write(ByteBuffer(bytes: bytes)) }
      case .closeInput: if request.hasInput { try? await session.closeInput() }
      case .resize(let width, let height):
        if request.hasTerminal { try? await session.resize(width: width, height: height) }
      case nil: break
      }
      return true
    case .ping:
      try await outbound.write(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData))
      return true
    case .connectionClose: return false
    default: return true
    }
  }

  private static func frame(_ stream: UInt8, _ bytes: ByteBuffer) -> WebSocketFrame {
    var data = ByteBuffer()
    data.reserveCapacity(bytes.readableBytes + 1)
    data.writeInteger(stream)
    data.writeImmutableBuffer(bytes)
    return WebSocketFrame(fin: true, opcode: .binary, data: data)
  }
}
