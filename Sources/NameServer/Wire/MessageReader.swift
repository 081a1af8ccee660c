import NamePlan

/// A bounds-checked cursor over a DNS message. What does not fit is `nil` or false; the position is then meaningless.
struct MessageReader {
  let message: UnsafeRawBufferPointer
  private(set) var position: Int

  init(_ message: UnsafeRawBufferPointer, position: Int = 0) {
    self.message = message
    self.position = position
  }

  mutating func skip(_ count: Int) -> Bool {
    guard count >= 0, message.count - position >= count else { return false }
    position += count
    return true
  }

  mutating func readUInt16() -> UInt16? {
    guard skip(2) else { return nil }
    return UInt16(message[position - 2]) << 8 | UInt16(message[position - 1])
  }

  mutating func readUInt32() -> UInt32? {
    guard let high = readUInt16(), let low = readUInt16() else { return nil }
    return UInt32(high) << 16 | UInt32(low)
  }

  /// Passes over a name, compressed or not.
  mutating func skipName() -> Bool {
    while position < message.count {
      let length = message[position]
      if length == 0 { return skip(1) }
      if length & 0xc0 == 0xc0 { return skip(2) }
      guard length <= 63, skip(Int(length) + 1) else { return false }
    }
    return false
  }

  /// Reads a name and follows its pointers, each of which must lead further to the front.
  mutating func readName() -> DNSName? {
    var wire: [UInt8] = []
    var place = position
    var end: Int?
    while place < message.count {
      let length = Int(message[place])
      if length & 0xc0 == 0xc0 {
        guard place + 1 < message.count else { return nil }
        let target = (length & 0x3f) << 8 | Int(message[place + 1])
        guard target < place else { return nil }
        if end == nil { end = place + 2 }
        place = target
        continue
      }
      guard length <= 63, place + length < message.count, wire.count + length < DNSName.limit else { return nil }
      wire.append(contentsOf: message[place...(place + length)])
      place += length + 1
      if length == 0 {
        position = end ?? place
        return DNSName(wire: wire)
      }
    }
    return nil
  }
}

/// One record of a message, its data not yet read.
struct RecordHeader {
  let type: RecordType
  let recordClass: UInt16
  let ttl: UInt32
  /// Where the TTL stands in the message.
  let ttlPosition: Int
  let dataLength: Int
}

extension MessageReader {
  /// Reads what stands behind a record's name; the data comes next.
  mutating func readRecordHeader() -> RecordHeader? {
    guard let type = readUInt16(), let recordClass = readUInt16() else { return nil }
    let ttlPosition = position
    guard let ttl = readUInt32(), let length = readUInt16(), message.count - position >= Int(length) else {
      return nil
    }
    return RecordHeader(
      type: RecordType(rawValue: type), recordClass: recordClass, ttl: ttl, ttlPosition: ttlPosition,
      dataLength: Int(length))
  }
}
