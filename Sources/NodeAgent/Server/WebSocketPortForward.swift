import Logging
import NIOCore
import NIOWebSocket

/// Joins one WebSocket to ports of a pod, one connection each: two channels a port, of which the even one carries bytes
/// and the odd one says why there are none. Both begin with the port's number, low byte first.
struct WebSocketPortForward: Sendable {
  let ports: PodPorts
  /// In the order of their channels.
  let numbers: [UInt16]
  let version: ChannelProtocol
  let logger: Logger

  func run(_ channel: NIOAsyncChannel<WebSocketFrame, WebSocketFrame>) async {
    do {
      try await channel.executeThenClose { inbound, outbound in
        for (index, number) in numbers.enumerated() {
          for channel in [index * 2, index * 2 + 1] {
            var first = ByteBuffer()
            first.writeInteger(number, endianness: .little)
            try await outbound.write(version.frame(UInt8(channel), first))
          }
        }
        let inputs = numbers.map { _ in PortInput() }
        try await withThrowingTaskGroup(of: Bool.self) { group in
          for (index, number) in numbers.enumerated() {
            group.addTask {
              await forward(number, channel: UInt8(index * 2), inputs[index], outbound)
              return false
            }
          }
          group.addTask {
            try await read(inbound, inputs, outbound)
            return true
          }
          var remaining = numbers.count
          while remaining > 0, let isOver = try await group.next() {
            if isOver { break }
            remaining -= 1
          }
          group.cancelAll()
        }
        try await outbound.write(.normalClosure)
      }
    } catch {
      logger.debug("A forwarding connection ended.", metadata: ["pod": "\(ports.pod)", "error": "\(error)"])
    }
  }

  /// Gives each port what is for it, until the client has gone.
  private func read(
    _ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>, _ inputs: [PortInput],
    _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
  ) async throws {
    for try await frame in inbound {
      switch frame.opcode {
      case .binary, .text:
        guard let (channel, bytes) = version.parse(frame), channel % 2 == 0, Int(channel / 2) < inputs.count
        else { continue }
        await inputs[Int(channel / 2)].put(bytes)
      case .ping: try await outbound.write(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData))
      case .connectionClose: return
      default: break
      }
    }
  }

  private func forward(
    _ number: UInt16, channel: UInt8, _ input: PortInput, _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
  ) async {
    do {
      let connection = try await ports.connect(number)
      // There is no word for the end of one direction, so the pod's end is the port's.
      try await PodPorts.join(connection) {
        await input.next()
      } send: { bytes in
        guard let bytes else { return input.end() }
        try await outbound.write(version.frame(channel, bytes))
      }
    } catch {
      let text = ByteBuffer(string: PodWorker.message(error))
      try? await outbound.write(version.frame(channel + 1, text))
    }
    // What still comes for it goes nowhere, and holds nobody up.
    input.end()
  }
}
