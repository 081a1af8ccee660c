import NamePlan

/// Reads queries. Holds the last question's name in lower case; one thread uses it.
final class QueryParser {
  enum Verdict: Hashable {
    case query
    /// Not a query, or too short to be answered.
    case ignore
    case refuse(ResponseCode)
  }

  /// The question's name in lower case, in wire form, the root's zero included.
  let name = UnsafeMutablePointer<UInt8>.allocate(capacity: DNSName.limit + 1)
  private(set) var nameLength = 0
  /// Where each label begins in ``name``.
  let labels = UnsafeMutablePointer<UInt8>.allocate(capacity: 128)
  private(set) var labelCount = 0
  private(set) var type = RecordType.a
  private(set) var recordClass: UInt16 = 0
  /// Where the question ends in the message; 0 where it could not be read.
  private(set) var questionEnd = 0
  private(set) var hasOPT = false
  private(set) var wantsDNSSEC = false
  /// The largest reply the client takes over UDP.
  private(set) var payloadLimit = WireFormat.classicLimit

  init() {}

  deinit {
    name.deallocate()
    labels.deallocate()
  }

  var nameBuffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: name, count: nameLength) }

  func parse(_ message: UnsafeRawBufferPointer) -> Verdict {
    questionEnd = 0
    hasOPT = false
    wantsDNSSEC = false
    payloadLimit = WireFormat.classicLimit
    guard message.count >= WireFormat.headerSize, message[2] & 0x80 == 0 else { return .ignore }
    guard message[2] & 0x78 == 0 else { return .refuse(.notImplemented) }
    // One question, nothing in the answer and authority sections.
    guard message[4] == 0, message[5] == 1, message[6] | message[7] | message[8] | message[9] == 0,
      parseQuestion(message)
    else { return .refuse(.formatError) }
    return parseAdditional(message, count: Int(message[10]) << 8 | Int(message[11]))
  }

  private func parseQuestion(_ message: UnsafeRawBufferPointer) -> Bool {
    var position = WireFormat.headerSize
    nameLength = 0
    labelCount = 0
    while position < message.count {
      let length = Int(message[position])
      guard length <= 63, nameLength + length + 1 <= DNSName.limit, position + length < message.count else {
        return false
      }
      name[nameLength] = UInt8(length)
      if length == 0 {
        nameLength += 1
        position += 1
        guard position + 4 <= message.count else { return false }
        type = RecordType(rawValue: UInt16(message[position]) << 8 | UInt16(message[position + 1]))
        recordClass = UInt16(message[position + 2]) << 8 | UInt16(message[position + 3])
        questionEnd = position + 4
        return true
      }
      labels[labelCount] = UInt8(nameLength)
      labelCount += 1
      for offset in 1...length { name[nameLength + offset] = message[position + offset].loweredASCII }
      nameLength += length + 1
      position += length + 1
    }
    return false
  }

  /// Looks for the OPT record; others (signatures) are passed over.
  private func parseAdditional(_ message: UnsafeRawBufferPointer, count: Int) -> Verdict {
    guard count > 0 else { return .query }
    var reader = MessageReader(message, position: questionEnd)
    for _ in 0..<count {
      let start = reader.position
      guard reader.skipName(), let type = reader.readUInt16(), let recordClass = reader.readUInt16(),
        let ttl = reader.readUInt32(), let length = reader.readUInt16(), reader.skip(Int(length))
      else { return .refuse(.formatError) }
      guard type == RecordType.opt.rawValue else { continue }
      guard !hasOPT, message[start] == 0 else { return .refuse(.formatError) }
      hasOPT = true
      payloadLimit = max(WireFormat.classicLimit, min(Int(recordClass), WireFormat.datagramLimit))
      wantsDNSSEC = ttl & 0x8000 != 0
      if ttl >> 16 & 0xff != 0 { return .refuse(.badVersion) }
    }
    return .query
  }
}
