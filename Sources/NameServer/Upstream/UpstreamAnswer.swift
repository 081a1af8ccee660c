import NamePlan
import NetworkTypes

/// An answer of another server, kept with the places of its times to live.
struct UpstreamAnswer: Sendable {
  private(set) var message: [UInt8]
  private let ttlPositions: [Int]
  /// Seconds it may be kept; 0 for what must not be.
  let lifetime: UInt32

  /// No answer is kept longer, positive or negative: the cache is small and clients wait for changes.
  static let positiveLimit: UInt32 = 60
  static let negativeLimit: UInt32 = 15

  /// `nil` where the records cannot be walked.
  init?(_ message: [UInt8], questionEnd: Int) {
    var positions: [Int] = []
    var shortest: UInt32?
    var negative: UInt32?
    let isWhole = message.withUnsafeBytes { bytes -> Bool in
      var reader = MessageReader(bytes, position: questionEnd)
      let answers = Self.count(bytes, 6)
      let authorities = Self.count(bytes, 8)
      for number in 0..<(answers + authorities + Self.count(bytes, 10)) {
        guard reader.skipName(), let header = reader.readRecordHeader() else { return false }
        let start = reader.position
        guard reader.skip(header.dataLength) else { return false }
        if header.type == .opt { continue }
        positions.append(header.ttlPosition)
        if number < answers { shortest = min(shortest ?? .max, header.ttl) }
        if number >= answers, number < answers + authorities, header.type == .soa, header.dataLength >= 22 {
          var tail = MessageReader(bytes, position: start + header.dataLength - 4)
          negative = min(header.ttl, tail.readUInt32() ?? 0)
        }
      }
      return true
    }
    guard isWhole else { return nil }
    self.message = message
    ttlPositions = positions
    let code = ResponseCode(rawValue: message[3] & 0x0f)
    let isTruncated = message[2] & 0x02 != 0
    if isTruncated || (code != .noError && code != .noSuchName) {
      lifetime = 0
    } else if let shortest, code == .noError {
      lifetime = min(shortest, Self.positiveLimit)
    } else {
      lifetime = min(negative ?? 0, Self.negativeLimit)
    }
  }

  /// The answer as it is some seconds later.
  func aged(by seconds: UInt32) -> UpstreamAnswer {
    guard seconds > 0 else { return self }
    var copy = self
    for position in ttlPositions {
      var ttl = (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(message[position + $1]) }
      ttl = ttl > seconds ? ttl - seconds : 0
      for byte in 0..<4 { copy.message[position + byte] = UInt8(truncatingIfNeeded: ttl >> UInt32(24 - 8 * byte)) }
    }
    return copy
  }

  /// The message for a client: its identifier and its spelling of the question; cut where it is too long for it.
  func reply(to inquiry: Inquiry) -> [UInt8] {
    var reply = message
    reply[0] = inquiry.query[0]
    reply[1] = inquiry.query[1]
    // "Recursion available", whatever the other server says of itself.
    reply[3] |= 0x80
    let question = WireFormat.headerSize..<inquiry.questionEnd
    reply.replaceSubrange(question, with: inquiry.query[question])
    guard reply.count > inquiry.limit else { return reply }
    reply.removeSubrange(inquiry.questionEnd...)
    for position in 6..<12 { reply[position] = 0 }
    reply[2] |= 0x02
    return reply
  }

  /// Addresses and aliases of the answer section.
  var records: [NameRecord] {
    message.withUnsafeBytes { bytes in
      var records: [NameRecord] = []
      var reader = MessageReader(bytes, position: WireFormat.headerSize)
      guard reader.skipName(), reader.skip(4) else { return [] }
      for _ in 0..<Self.count(bytes, 6) {
        guard let owner = reader.readName(), let header = reader.readRecordHeader() else { return records }
        let start = reader.position
        guard reader.skip(header.dataLength) else { return records }
        let data = UnsafeRawBufferPointer(rebasing: bytes[start..<reader.position])
        switch header.type {
        case .a where data.count == 4, .aaaa where data.count == 16:
          if let address = IPAddress(bytes: data) {
            records.append(NameRecord(owner, ttl: header.ttl, .address(address)))
          }
        case .cname:
          var inner = MessageReader(bytes, position: start)
          if let target = inner.readName() { records.append(NameRecord(owner, ttl: header.ttl, .alias(target))) }
        default: break
        }
      }
      return records
    }
  }

  private static func count(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> Int {
    Int(bytes[position]) << 8 | Int(bytes[position + 1])
  }
}
