/// Writes one message in protobuf's wire format from its end to its beginning: the length of a part stands in front of
/// it and is only known once the part is written. Whoever writes goes through the fields backwards.
struct ProtobufWriter {
  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case bytes = 2
  }

  /// What is written so far, last byte first.
  private var reversed: [UInt8] = []

  init(reservingCapacity capacity: Int = 0) { reversed.reserveCapacity(capacity) }

  /// Bytes written so far; the difference of two counts is the length of what was written between them.
  var count: Int { reversed.count }

  var bytes: [UInt8] { reversed.reversed() }

  mutating func writeRaw(_ bytes: some BidirectionalCollection<UInt8>) {
    reversed.append(contentsOf: bytes.reversed())
  }

  private mutating func writeVarint(_ value: UInt64) {
    let length = max(1, (64 - value.leadingZeroBitCount + 6) / 7)
    for position in stride(from: length - 1, through: 0, by: -1) {
      let part = UInt8(truncatingIfNeeded: value >> UInt64(7 * position) & 0x7f)
      reversed.append(position == length - 1 ? part : part | 0x80)
    }
  }

  private mutating func writeTag(_ number: Int, _ type: WireType) { writeVarint(UInt64(number) << 3 | type.rawValue) }

  /// A whole number; negative ones take ten bytes, as protobuf's `int32` and `int64` do.
  mutating func write(_ number: Int, varint value: Int64) {
    writeVarint(UInt64(bitPattern: value))
    writeTag(number, .varint)
  }

  mutating func write(_ number: Int, double value: Double) {
    for position in stride(from: 56, through: 0, by: -8) {
      reversed.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(position)))
    }
    writeTag(number, .fixed64)
  }

  mutating func write(_ number: Int, bytes: some BidirectionalCollection<UInt8>) {
    let start = count
    writeRaw(bytes)
    close(number, since: start)
  }

  mutating func write(_ number: Int, text: String) { write(number, bytes: text.utf8) }

  /// Makes what was written since `start` the content of a field.
  mutating func close(_ number: Int, since start: Int) {
    writeVarint(UInt64(count - start))
    writeTag(number, .bytes)
  }
}
