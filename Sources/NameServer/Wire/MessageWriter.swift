import NamePlan
import NetworkTypes

/// Writes a reply into memory of fixed size, with names compressed. A record that does not fit leaves no trace but
/// ``isTruncated``.
struct MessageWriter {
  enum Section: Int { case answer = 6, authority = 8, additional = 10 }

  private let buffer: UnsafeMutableRawBufferPointer
  /// Bytes that may be used; room for the OPT record is kept.
  private let limit: Int
  private(set) var position: Int
  private(set) var isTruncated = false
  /// Names already written, with their places, for pointers.
  private var places: [DNSName: Int] = [:]

  /// Starts behind the header and the question, which are there already.
  init(_ buffer: UnsafeMutableRawBufferPointer, limit: Int, questionName: DNSName, position: Int) {
    self.buffer = buffer
    self.limit = min(limit, buffer.count)
    self.position = position
    note(questionName, at: WireFormat.headerSize)
  }

  /// Appends the record and counts it in its section; false where it does not fit.
  mutating func append(_ record: NameRecord, to section: Section) -> Bool {
    let start = position
    let known = places
    guard writeName(record.owner), writeUInt16(record.data.type.rawValue), writeUInt16(WireFormat.internetClass),
      writeUInt32(record.ttl), writeData(record.data)
    else {
      position = start
      places = known
      isTruncated = true
      return false
    }
    let count = UInt16(buffer[section.rawValue]) << 8 | UInt16(buffer[section.rawValue + 1])
    put(count + 1, at: section.rawValue)
    return true
  }

  private mutating func writeData(_ data: RecordData) -> Bool {
    let lengthPosition = position
    guard writeUInt16(0) else { return false }
    let written: Bool
    switch data {
    case .address(let address): written = write(address.bytes)
    case .service(let priority, let weight, let port, let target):
      // RFC 2782: the target is never compressed.
      written = writeUInt16(priority) && writeUInt16(weight) && writeUInt16(port) && writeWhole(target)
    case .pointer(let name), .alias(let name), .nameServer(let name): written = writeName(name)
    case .text(let text): written = write([UInt8(min(255, text.utf8.count))] + text.utf8.prefix(255))
    case .authority(let soa):
      written =
        writeName(soa.server) && writeName(soa.mailbox) && writeUInt32(soa.serial) && writeUInt32(7200)
        && writeUInt32(1800) && writeUInt32(86_400) && writeUInt32(soa.negativeTTL)
    }
    guard written else { return false }
    put(UInt16(position - lengthPosition - 2), at: lengthPosition)
    return true
  }

  /// A name, its known ending as a pointer.
  private mutating func writeName(_ name: DNSName) -> Bool {
    var rest = name.wire[...]
    let start = position
    while let length = rest.first, length > 0 {
      if let place = places[DNSName(suffix: rest)] {
        guard writeUInt16(0xc000 | UInt16(place)) else { return false }
        note(name, at: start)
        return true
      }
      guard write(rest.prefix(Int(length) + 1)) else { return false }
      rest = rest.dropFirst(Int(length) + 1)
    }
    guard write([0]) else { return false }
    note(name, at: start)
    return true
  }

  private mutating func writeWhole(_ name: DNSName) -> Bool {
    let start = position
    guard write(name.wire) else { return false }
    note(name, at: start)
    return true
  }

  /// Remembers a name and its endings, up to the first that is known.
  private mutating func note(_ name: DNSName, at place: Int) {
    var rest = name.wire[...]
    var place = place
    while let length = rest.first, length > 0, place < 0x4000 {
      let suffix = DNSName(suffix: rest)
      if places[suffix] != nil { return }
      places[suffix] = place
      place += Int(length) + 1
      rest = rest.dropFirst(Int(length) + 1)
    }
  }

  private mutating func write(_ bytes: some Collection<UInt8>) -> Bool {
    guard limit - position >= bytes.count else { return false }
    for byte in bytes {
      buffer[position] = byte
      position += 1
    }
    return true
  }

  private mutating func writeUInt16(_ value: UInt16) -> Bool {
    write([UInt8(value >> 8), UInt8(truncatingIfNeeded: value)])
  }

  private mutating func writeUInt32(_ value: UInt32) -> Bool {
    writeUInt16(UInt16(value >> 16)) && writeUInt16(UInt16(truncatingIfNeeded: value))
  }

  private func put(_ value: UInt16, at position: Int) {
    buffer[position] = UInt8(value >> 8)
    buffer[position + 1] = UInt8(truncatingIfNeeded: value)
  }
}
