import NamePlan

/// A question in the one form in which it goes to other servers, so that clients' ways of asking share an answer.
struct UpstreamQuery: Hashable, Sendable {
  /// All of the message behind the identifier, the name in lower case.
  let body: [UInt8]

  static let questionStart = WireFormat.headerSize

  /// From a client's message, whose question has been read before.
  init(of inquiry: Inquiry, parser: QueryParser) {
    let flags = (inquiry.query[2] & 0x01, inquiry.query[3] & 0x30)
    self.init(
      name: Array(parser.nameBuffer), type: parser.type.rawValue, recordClass: parser.recordClass, flags: flags,
      hasOPT: parser.hasOPT, wantsDNSSEC: parser.wantsDNSSEC)
  }

  /// For the addresses an alias of ours leads to.
  init(target: DNSName, type: RecordType) {
    self.init(
      name: target.wire, type: type.rawValue, recordClass: WireFormat.internetClass, flags: (1, 0), hasOPT: true,
      wantsDNSSEC: false)
  }

  private init(
    name: [UInt8], type: UInt16, recordClass: UInt16, flags: (UInt8, UInt8), hasOPT: Bool, wantsDNSSEC: Bool
  ) {
    var body: [UInt8] = [flags.0, flags.1, 0, 1, 0, 0, 0, 0, 0, hasOPT ? 1 : 0]
    body += name
    for value in [type, recordClass] { body += [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)] }
    if hasOPT {
      let limit = WireFormat.datagramLimit
      body += [0, 0, UInt8(RecordType.opt.rawValue), UInt8(limit >> 8), UInt8(truncatingIfNeeded: limit)]
      body += [0, 0, wantsDNSSEC ? 0x80 : 0, 0, 0, 0]
    }
    self.body = body
  }

  func message(identifier: UInt16) -> [UInt8] {
    [UInt8(identifier >> 8), UInt8(truncatingIfNeeded: identifier)] + body
  }

  /// Where the question ends in a message.
  var questionEnd: Int {
    var position = Self.questionStart
    while body[position - 2] != 0 { position += Int(body[position - 2]) + 1 }
    return position + 5
  }

  /// Whether a message is the answer to this question under that identifier.
  func isAnswered(by message: [UInt8], identifier: UInt16) -> Bool {
    let end = questionEnd
    guard message.count >= end, message[0] == UInt8(identifier >> 8),
      message[1] == UInt8(truncatingIfNeeded: identifier), message[2] & 0xf8 == 0x80, message[4] == 0, message[5] == 1
    else { return false }
    for position in Self.questionStart..<end
    where message[position].loweredASCII != body[position - 2].loweredASCII { return false }
    return true
  }
}
