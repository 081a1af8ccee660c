import NamePlan
import NetworkTypes

@testable import NameServer

/// Builds queries and reads replies, for tests.
enum TestMessage {
  static func query(
    _ name: String, _ type: RecordType = .a, identifier: UInt16 = 0x1234, payload: UInt16? = nil, version: UInt8 = 0,
    recordClass: UInt16 = 1
  ) -> [UInt8] {
    var bytes: [UInt8] = [UInt8(identifier >> 8), UInt8(truncatingIfNeeded: identifier), 1, 0, 0, 1, 0, 0, 0, 0, 0]
    bytes.append(payload == nil ? 0 : 1)
    // The name's spelling is kept, as clients send it.
    for label in name.split(separator: ".") { bytes += [UInt8(label.utf8.count)] + Array(label.utf8) }
    bytes += [0, UInt8(type.rawValue >> 8), UInt8(truncatingIfNeeded: type.rawValue), 0, UInt8(recordClass)]
    if let payload {
      bytes += [0, 0, 41, UInt8(payload >> 8), UInt8(truncatingIfNeeded: payload), 0, version, 0, 0, 0, 0]
    }
    return bytes
  }
}

/// A reply, taken apart.
struct TestReply {
  let bytes: [UInt8]
  var code: UInt8 { bytes[3] & 0x0f }
  var isTruncated: Bool { bytes[2] & 2 != 0 }
  var isAuthoritative: Bool { bytes[2] & 4 != 0 }
  var counts: [Int] { [4, 6, 8, 10].map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) } }
  /// Type and data as text, by section; `nil` where the message cannot be read.
  var sections: [[String]]? {
    bytes.withUnsafeBytes { message in
      var reader = MessageReader(message, position: 12)
      for _ in 0..<counts[0] { guard reader.readName() != nil, reader.skip(4) else { return nil } }
      var sections: [[String]] = []
      for count in counts.dropFirst() {
        var records: [String] = []
        for _ in 0..<count {
          guard let owner = reader.readName(), let header = reader.readRecordHeader() else { return nil }
          let start = reader.position
          guard reader.skip(header.dataLength) else { return nil }
          records.append(Self.text(owner, header, message, start))
        }
        sections.append(records)
      }
      return reader.position == message.count ? sections : nil
    }
  }

  private static func text(
    _ owner: DNSName, _ header: RecordHeader, _ message: UnsafeRawBufferPointer, _ start: Int
  ) -> String {
    var reader = MessageReader(message, position: start)
    switch header.type {
    case .a, .aaaa: return "\(owner) \(IPAddress(bytes: message[start..<(start + header.dataLength)])!)"
    case .cname, .ptr, .ns: return "\(owner) -> \(reader.readName()!)"
    case .srv:
      let numbers = (0..<3).map { _ in reader.readUInt16()! }
      return "\(owner) \(numbers[0]) \(numbers[1]) \(numbers[2]) \(reader.readName()!)"
    case .soa: return "\(owner) SOA \(reader.readName()!) \(reader.readName()!)"
    case .txt:
      return "\(owner) \"\(String(decoding: message[(start + 1)..<(start + header.dataLength)], as: UTF8.self))\""
    case .opt: return "OPT \(header.recordClass) \(header.ttl)"
    default: return "type \(header.type.rawValue)"
    }
  }
}
