package import Netlink
internal import NetworkTypes

extension PacketHeaders {
  /// Reads a packet from its network header on, as much of it as there is (RFC 791, RFC 8200). Throws
  /// ``NetlinkError`` (`malformed`) for what is no IP packet or ends within the network header.
  package init(parsing bytes: ArraySlice<UInt8>) throws(NetlinkError) {
    switch bytes.first.map({ $0 >> 4 }) {
    case 4: try self.init(v4: bytes)
    case 6: try self.init(v6: bytes)
    default: throw NetlinkError(.malformed, "a logged packet that is none of IP")
    }
  }

  private init(v4 bytes: ArraySlice<UInt8>) throws(NetlinkError) {
    var cursor = ByteCursor(bytes)
    let length = Int(try cursor.u8() & 0xf) * 4
    guard length >= 20 else { throw NetlinkError(.malformed, "a logged packet with a header of \(length) bytes") }
    _ = try cursor.take(5)
    let fragment = UInt16(bigEndian: try cursor.u16()) & 0x1fff
    _ = try cursor.u8()
    let number = try cursor.u8()
    _ = try cursor.take(2)
    let (source, destination) = (try Self.address(&cursor, 4), try Self.address(&cursor, 4))
    // Options that did not come along take the ports with them.
    let rest = length - 20 <= cursor.rest.count ? cursor.rest.dropFirst(length - 20) : []
    self.init(
      source: source, destination: destination,
      content: fragment == 0 ? Self.content(number, control: 1, rest) : .other(number))
  }

  private init(v6 bytes: ArraySlice<UInt8>) throws(NetlinkError) {
    var cursor = ByteCursor(bytes)
    _ = try cursor.take(6)
    var number = try cursor.u8()
    _ = try cursor.u8()
    let (source, destination) = (try Self.address(&cursor, 16), try Self.address(&cursor, 16))
    var rest = cursor.rest
    // Hop-by-hop and destination options, routing, fragment: each names what follows. They end with what came along.
    while [0, 43, 44, 60].contains(number), rest.count >= 8 {
      let header = rest.prefix(8)
      let (next, units) = (header[header.startIndex], Int(header[header.startIndex + 1]))
      if number == 44 {
        let offset = UInt16(header[header.startIndex + 2]) << 8 | UInt16(header[header.startIndex + 3])
        guard offset >> 3 == 0 else {
          self.init(source: source, destination: destination, content: .other(next))
          return
        }
      }
      rest = rest.dropFirst(number == 44 ? 8 : (units + 1) * 8)
      number = next
    }
    self.init(source: source, destination: destination, content: Self.content(number, control: 58, rest))
  }

  private static func address(_ cursor: inout ByteCursor, _ count: Int) throws(NetlinkError) -> IPAddress {
    guard let address = IPAddress(bytes: try cursor.take(count)) else {
      throw NetlinkError(.malformed, "a logged packet without an address")
    }
    return address
  }

  private static func content(_ number: UInt8, control: UInt8, _ rest: ArraySlice<UInt8>) -> Content {
    let header = Array(rest.prefix(4))
    if number == control, header.count >= 2 { return .control(type: header[0], code: header[1]) }
    guard let transport = TransportProtocol.allCases.first(where: { $0.number == number }), header.count == 4 else {
      return .other(number)
    }
    return .ports(
      transport, source: UInt16(header[0]) << 8 | UInt16(header[1]),
      destination: UInt16(header[2]) << 8 | UInt16(header[3]))
  }
}
