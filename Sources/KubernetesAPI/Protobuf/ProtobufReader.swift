/// A cursor over the fields of one message in protobuf's wire format. Lengths are checked before they are used.
struct ProtobufReader {
  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    /// A text, bytes, a message, or scalars packed together.
    case bytes(ArraySlice<UInt8>)
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The next field; `nil` at the end of the message.
  mutating func next() throws(ObjectDecodingError) -> (number: Int, value: Value)? {
    guard !rest.isEmpty else { return nil }
    let tag = try varint()
    // Field numbers have 29 bits.
    guard let number = Int(exactly: tag >> 3), (1..<(1 << 29)).contains(number) else {
      throw ObjectDecodingError(message: "proto: illegal tag \(tag >> 3) (wire type \(tag & 7))")
    }
    switch tag & 7 {
    case 0: return (number, .varint(try varint()))
    case 1: return (number, .fixed64(try fixed(8)))
    case 2:
      let length = try varint()
      guard length <= UInt64(rest.count) else { throw Self.endsEarly }
      return (number, .bytes(take(Int(length))))
    case 5: return (number, .fixed32(UInt32(truncatingIfNeeded: try fixed(4))))
    default: throw ObjectDecodingError(message: "proto: illegal wireType \(tag & 7)")
    }
  }

  /// A number that stands alone, as in a packed list.
  mutating func varint() throws(ObjectDecodingError) -> UInt64 {
    var value: UInt64 = 0
    for (position, byte) in rest.prefix(10).enumerated() {
      // The tenth byte has one bit left to give.
      guard position < 9 || byte <= 1 else { throw ObjectDecodingError(message: "proto: integer overflow") }
      value |= UInt64(byte & 0x7f) << UInt64(7 * position)
      if byte & 0x80 == 0 {
        rest.removeFirst(position + 1)
        return value
      }
    }
    throw rest.count < 10 ? Self.endsEarly : ObjectDecodingError(message: "proto: integer overflow")
  }

  var isAtEnd: Bool { rest.isEmpty }

  private mutating func fixed(_ count: Int) throws(ObjectDecodingError) -> UInt64 {
    guard rest.count >= count else { throw Self.endsEarly }
    return take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func take(_ count: Int) -> ArraySlice<UInt8> {
    defer { rest.removeFirst(count) }
    return rest.prefix(count)
  }

  private static var endsEarly: ObjectDecodingError { ObjectDecodingError(message: "unexpected EOF") }
}
