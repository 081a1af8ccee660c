internal import Conntrack
internal import Netlink
internal import NetworkTypes

/// Numbers of `linux/netfilter/nfnetlink_log.h`.
enum PacketLogWire {
  static let packet: UInt16 = 4 << 8 | 0  // NFNL_SUBSYS_ULOG, NFULNL_MSG_PACKET
  static let configuration: UInt16 = 4 << 8 | 1

  static let timestamp: UInt16 = 3
  static let inputInterface: UInt16 = 4
  static let outputInterface: UInt16 = 5
  static let payload: UInt16 = 9
  static let prefix: UInt16 = 10
  static let connection: UInt16 = 18

  static let command: UInt16 = 1
  static let mode: UInt16 = 2
  static let threshold: UInt16 = 5
  static let flags: UInt16 = 6
  static let bind: UInt8 = 1
  static let copyPacket: UInt8 = 2
  /// NFULNL_CFG_F_CONNTRACK
  static let withConnection: UInt16 = 4
}

extension NetlinkWriter {
  mutating func packetLogConfiguration(group: UInt16, _ body: (inout NetlinkWriter) -> Void) {
    message(PacketLogWire.configuration, [.request, .acknowledge]) { writer in
      writer.u8(0)  // AF_UNSPEC: a group is of no family.
      writer.u8(0)  // NFNETLINK_V0
      writer.u16(group.bigEndian)
      body(&writer)
    }
  }
}

extension LoggedPacket {
  /// `nil` for what is no packet of that group.
  init?(_ message: NetlinkMessage, group: UInt16, seenAt: Int64) throws(NetlinkError) {
    guard message.type == PacketLogWire.packet else { return nil }
    var header = ByteCursor(message.payload)
    _ = try header.take(2)
    guard UInt16(bigEndian: try header.u16()) == group else { return nil }
    let attributes = try message.attributes(after: 4)
    guard let payload = attributes[type: PacketLogWire.payload]?.payload else {
      throw NetlinkError(.malformed, "a logged packet without its bytes")
    }
    let headers = try PacketHeaders(parsing: payload)
    let flow = try attributes[type: PacketLogWire.connection]?.attributes()
    var time = seenAt
    if let stamp = attributes[type: PacketLogWire.timestamp]?.payload {
      var cursor = ByteCursor(stamp)
      let (seconds, microseconds) = (UInt64(bigEndian: try cursor.u64()), UInt64(bigEndian: try cursor.u64()))
      // Seconds of 64 bits could be any number.
      if seconds < 1 << 33, microseconds < 1_000_000 { time = Int64(seconds * 1_000_000 + microseconds) * 1000 }
    }
    self.init(
      prefix: attributes[type: PacketLogWire.prefix]?.string ?? "",
      inputInterface: attributes[type: PacketLogWire.inputInterface]?.be32,
      outputInterface: attributes[type: PacketLogWire.outputInterface]?.be32, headers: headers,
      flow: flow.flatMap { ConntrackFlow($0, headers.source.family) }, seenAt: time)
  }
}
