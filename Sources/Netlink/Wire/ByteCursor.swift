/// Reads fields from bytes that came from outside; every read is checked against the end.
package struct ByteCursor: Sendable {
  package private(set) var rest: ArraySlice<UInt8>

  package init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  package var isAtEnd: Bool { rest.isEmpty }

  package mutating func take(_ count: Int) throws(NetlinkError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= rest.count else {
      throw NetlinkError(.malformed, "netlink message ends \(count - rest.count) bytes too early")
    }
    let part = rest.prefix(count)
    rest = rest.dropFirst(count)
    return part
  }

  package mutating func u8() throws(NetlinkError) -> UInt8 { try take(1).first! }
  package mutating func u16() throws(NetlinkError) -> UInt16 { load(try take(2)) }
  package mutating func u32() throws(NetlinkError) -> UInt32 { load(try take(4)) }
  package mutating func u64() throws(NetlinkError) -> UInt64 { load(try take(8)) }

  private func load<Value: FixedWidthInteger>(_ bytes: ArraySlice<UInt8>) -> Value {
    bytes.withUnsafeBytes { $0.loadUnaligned(as: Value.self) }
  }
}

/// One attribute of a message; its payload may hold further attributes.
package struct NetlinkAttribute: Sendable {
  /// Without the nesting and byte-order flags.
  package let type: UInt16
  package let payload: ArraySlice<UInt8>

  package var u8: UInt8? { payload.first }
  package var u16: UInt16? { number() }
  package var u32: UInt32? { number() }
  package var u64: UInt64? { number() }
  package var be16: UInt16? { u16.map(UInt16.init(bigEndian:)) }
  package var be32: UInt32? { u32.map(UInt32.init(bigEndian:)) }
  package var be64: UInt64? { u64.map(UInt64.init(bigEndian:)) }
  /// The text up to the terminating zero, or to the end.
  package var string: String { String(decoding: payload.prefix { $0 != 0 }, as: UTF8.self) }

  package func attributes() throws(NetlinkError) -> [NetlinkAttribute] { try Self.parse(payload) }

  /// Splits bytes into attributes, each header and length checked.
  package static func parse(_ bytes: ArraySlice<UInt8>) throws(NetlinkError) -> [NetlinkAttribute] {
    var cursor = ByteCursor(bytes)
    var result: [NetlinkAttribute] = []
    while cursor.rest.count >= 4 {
      let length = Int(try cursor.u16())
      let type = try cursor.u16() & 0x3fff  // NLA_TYPE_MASK
      guard length >= 4 else { throw NetlinkError(.malformed, "netlink attribute \(type) of length \(length)") }
      result.append(NetlinkAttribute(type: type, payload: try cursor.take(length - 4)))
      _ = try cursor.take(min((4 - length & 3) & 3, cursor.rest.count))
    }
    return result
  }

  private func number<Value: FixedWidthInteger>() -> Value? {
    guard payload.count >= MemoryLayout<Value>.size else { return nil }
    return payload.withUnsafeBytes { $0.loadUnaligned(as: Value.self) }
  }
}

extension [NetlinkAttribute] {
  /// The last attribute of that type, as the kernel itself reads repeated ones.
  package subscript(type type: UInt16) -> NetlinkAttribute? { last { $0.type == type } }
}

/// A message as received.
package struct NetlinkMessage: Sendable {
  package let type: UInt16
  package let flags: NetlinkFlags
  package let sequence: UInt32
  package let payload: ArraySlice<UInt8>

  // linux/netlink.h
  package static let noop: UInt16 = 1
  package static let error: UInt16 = 2
  package static let done: UInt16 = 3
  package static let overrun: UInt16 = 4

  /// The attributes behind a fixed header of that many bytes.
  package func attributes(after headerLength: Int) throws(NetlinkError) -> [NetlinkAttribute] {
    var cursor = ByteCursor(payload)
    _ = try cursor.take(headerLength)
    return try NetlinkAttribute.parse(cursor.rest)
  }

  /// Splits a datagram into messages.
  package static func parse(_ bytes: ArraySlice<UInt8>) throws(NetlinkError) -> [NetlinkMessage] {
    var cursor = ByteCursor(bytes)
    var result: [NetlinkMessage] = []
    while !cursor.isAtEnd {
      let length = Int(try cursor.u32())
      let type = try cursor.u16()
      let flags = NetlinkFlags(rawValue: try cursor.u16())
      let sequence = try cursor.u32()
      _ = try cursor.u32()
      guard length >= 16 else { throw NetlinkError(.malformed, "netlink message of length \(length)") }
      let payload = try cursor.take(length - 16)
      _ = try cursor.take(min((4 - length & 3) & 3, cursor.rest.count))
      result.append(NetlinkMessage(type: type, flags: flags, sequence: sequence, payload: payload))
    }
    return result
  }
}
