import NamePlan

extension Responder {
  /// Answers by the plan, whatever the question.
  func resolve(
    _ index: NameIndex, _ message: UnsafeRawBufferPointer, _ reply: UnsafeMutableRawBufferPointer, limit: Int
  ) -> Verdict {
    guard let name = DNSName(wire: parser.nameBuffer) else {
      return .reply(finish(message, reply, .formatError, length: begin(message, reply)))
    }
    let resolution = index.resolve(name, parser.type)
    let code: ResponseCode
    switch resolution.outcome {
    case .foreign: return .ask(inquiry(message, limit: limit))
    case .unfinished(let target):
      return .ask(inquiry(message, limit: limit, aliases: resolution.answers, target: target))
    case .found, .noData: code = .noError
    case .noSuchName: code = .noSuchName
    }
    if code == .noSuchName { counted.noSuchName += 1 } else { counted.answeredFromCluster += 1 }
    return .reply(
      write(
        message, reply, limit: limit, name: name, code: code, answers: resolution.answers,
        authority: resolution.authority, additional: resolution.additional))
  }

  /// Writes a reply of records. Additional ones that do not fit are left out without a word.
  func write(
    _ message: UnsafeRawBufferPointer, _ reply: UnsafeMutableRawBufferPointer, limit: Int, name: DNSName,
    code: ResponseCode, answers: [NameRecord], authority: NameRecord?, additional: [NameRecord]
  ) -> Int {
    let room = limit - (parser.hasOPT ? WireFormat.optSize : 0)
    var writer = MessageWriter(reply, limit: room, questionName: name, position: begin(message, reply))
    var isComplete = true
    for record in answers where isComplete { isComplete = writer.append(record, to: .answer) }
    if let authority, isComplete { isComplete = writer.append(authority, to: .authority) }
    if isComplete {
      for record in additional where !writer.append(record, to: .additional) { break }
    } else {
      truncate(reply)
    }
    return finish(message, reply, code, length: writer.position, isAuthoritative: true)
  }

  func inquiry(
    _ message: UnsafeRawBufferPointer, limit: Int, aliases: [NameRecord] = [], target: DNSName? = nil
  ) -> Inquiry {
    Inquiry(
      query: Array(message), questionEnd: parser.questionEnd, limit: limit, hasOPT: parser.hasOPT, type: parser.type,
      aliases: aliases, target: target)
  }

  /// Copies the header and the question, with empty sections. Returns where they end.
  func begin(_ message: UnsafeRawBufferPointer, _ reply: UnsafeMutableRawBufferPointer) -> Int {
    let end = max(parser.questionEnd, WireFormat.headerSize)
    reply.copyMemory(from: UnsafeRawBufferPointer(rebasing: message[..<end]))
    reply[4] = 0
    reply[5] = parser.questionEnd > 0 ? 1 : 0
    for position in 6..<12 { reply[position] = 0 }
    // QR; the operation and "recursion desired" as they came.
    reply[2] = 0x80 | message[2] & 0x79
    reply[3] = 0
    return end
  }

  func truncate(_ reply: UnsafeMutableRawBufferPointer) {
    counted.truncated += 1
    reply[2] |= 0x02
  }

  /// Sets the code, "authoritative" and "recursion available", and appends the OPT record where the query has one.
  func finish(
    _ message: UnsafeRawBufferPointer, _ reply: UnsafeMutableRawBufferPointer, _ code: ResponseCode, length: Int,
    isAuthoritative: Bool = false
  ) -> Int {
    if isAuthoritative { reply[2] |= 0x04 }
    reply[3] = 0x80 | code.rawValue & 0x0f
    guard parser.hasOPT, reply.count - length >= WireFormat.optSize else { return length }
    reply[length] = 0
    reply[length + 1] = 0
    reply[length + 2] = UInt8(RecordType.opt.rawValue)
    reply[length + 3] = UInt8(WireFormat.datagramLimit >> 8)
    reply[length + 4] = UInt8(truncatingIfNeeded: WireFormat.datagramLimit)
    reply[length + 5] = code.rawValue >> 4
    reply[length + 6] = 0
    reply[length + 7] = parser.wantsDNSSEC ? 0x80 : 0
    for position in 8..<WireFormat.optSize { reply[length + position] = 0 }
    let additional = UInt16(reply[10]) << 8 | UInt16(reply[11]) + 1
    reply[10] = UInt8(additional >> 8)
    reply[11] = UInt8(truncatingIfNeeded: additional)
    return length + WireFormat.optSize
  }
}
