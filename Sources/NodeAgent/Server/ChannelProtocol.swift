import JSONTree
import NIOCore
import NIOWebSocket

/// One of the WebSocket subprotocols in which each message belongs to a numbered channel: its first byte is the number,
/// or, where messages are text in Base64, the number's digit.
struct ChannelProtocol: Sendable, Hashable {
  let name: String

  /// In the order in which they are told to clients that offer none of them.
  static let all = [
    "v5.channel.k8s.io", "v4.channel.k8s.io", "v4.base64.channel.k8s.io", "channel.k8s.io", "base64.channel.k8s.io",
  ].map { ChannelProtocol(name: $0) }

  /// For port forwarding, where there is nothing that version 5 would add.
  static let forwarding = all.filter { ["v4.channel.k8s.io", "v4.base64.channel.k8s.io"].contains($0.name) }
  /// What is spoken with whoever asks for no subprotocol.
  static let unnamed = ChannelProtocol(name: "")

  var isBase64: Bool { name.contains("base64") }
  /// Whether a command's end is told as a `Status`.
  var hasStatus: Bool { name.hasPrefix("v") }
  /// Whether 255 closes a channel.
  var hasClose: Bool { name.hasPrefix("v5.") }

  /// The first that a client offers and that is among `known`; ``unnamed`` where it offers none; else `nil`.
  static func choose(_ offered: [String], among known: [ChannelProtocol] = all) -> ChannelProtocol? {
    guard !offered.isEmpty else { return unnamed }
    return offered.lazy.compactMap { name in known.first { $0.name == name } }.first
  }

  /// A message's channel and what is said on it; `nil` for what is no message of this protocol.
  func parse(_ frame: WebSocketFrame) -> (channel: UInt8, bytes: ByteBuffer)? {
    var data = frame.unmaskedData
    guard let first = data.readInteger(as: UInt8.self) else { return nil }
    guard isBase64 else { return (first, data) }
    guard first >= UInt8(ascii: "0"), let bytes = Base64.decode(String(buffer: data)) else { return nil }
    return (first - UInt8(ascii: "0"), ByteBuffer(bytes: bytes))
  }

  func frame(_ channel: UInt8, _ bytes: ByteBuffer) -> WebSocketFrame {
    var data = ByteBuffer()
    guard isBase64 else {
      data.reserveCapacity(bytes.readableBytes + 1)
      data.writeInteger(channel)
      data.writeImmutableBuffer(bytes)
      return WebSocketFrame(fin: true, opcode: .binary, data: data)
    }
    data.writeInteger(channel + UInt8(ascii: "0"))
    data.writeString(Base64.encode(Array(bytes.readableBytesView)))
    return WebSocketFrame(fin: true, opcode: .text, data: data)
  }
}
