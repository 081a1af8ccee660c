import NamePlan

/// Answers queries out of the index, without I/O. One thread uses it.
///
/// The frequent questions (addresses of Services, and the names a search list makes up in vain) are answered by copying
/// bytes; the rest goes through ``NameIndex/resolve(_:_:)``.
final class Responder {
  enum Verdict {
    /// The reply's length.
    case reply(Int)
    case drop
    case ask(Inquiry)
  }

  private let table: NameTable
  private let zone: [UInt8]
  private let zoneLabels: Int
  let parser = QueryParser()
  private var index: NameIndex?
  private var seenVersion: UInt64 = 0
  /// Moves on with each answer of several addresses, so that clients that take the first one spread.
  private var turn = 0
  var counted = NameServerMetrics.Values()

  init(table: NameTable, zone: DNSName) {
    self.table = table
    self.zone = zone.wire
    zoneLabels = zone.labels.count
  }

  /// Looks for a newer index; once for a batch of queries.
  func refresh() { table.refresh(&index, &seenVersion) }

  /// - Parameter streamed: over TCP, where a reply may have 65,535 bytes.
  func respond(
    to message: UnsafeRawBufferPointer, in reply: UnsafeMutableRawBufferPointer, streamed: Bool
  ) -> Verdict {
    counted.queries += 1
    switch parser.parse(message) {
    case .ignore:
      counted.malformed += 1
      return .drop
    case .refuse(let code):
      counted.malformed += 1
      return .reply(finish(message, reply, code, length: begin(message, reply)))
    case .query: break
    }
    let limit = min(reply.count, streamed ? WireFormat.streamLimit : parser.payloadLimit)
    guard parser.recordClass == WireFormat.internetClass || parser.recordClass == WireFormat.anyClass,
      parser.type != .axfr
    else { return .reply(finish(message, reply, .refused, length: begin(message, reply))) }
    guard let index else {
      // Nothing is known yet of the cluster; names elsewhere do not depend on it.
      if isInZone { return .reply(finish(message, reply, .serverFailure, length: begin(message, reply))) }
      return .ask(inquiry(message, limit: limit))
    }
    if isInZone, let length = copyAnswer(index, message, reply, limit: limit) { return .reply(length) }
    return resolve(index, message, reply, limit: limit)
  }

  private var isInZone: Bool {
    let start = parser.nameLength - zone.count
    guard start >= 0, parser.labelCount >= zoneLabels else { return false }
    let boundary =
      parser.labelCount == zoneLabels ? start == 0 : Int(parser.labels[parser.labelCount - zoneLabels]) == start
    return boundary
      && zone.withUnsafeBufferPointer {
        UnsafeBufferPointer(start: parser.name + start, count: zone.count).elementsEqual($0)
      }
  }

  // MARK: Copied answers

  /// Answers for names in the zone whose place in the tree shows at a glance; `nil` for the others.
  private func copyAnswer(
    _ index: NameIndex, _ message: UnsafeRawBufferPointer, _ reply: UnsafeMutableRawBufferPointer, limit: Int
  ) -> Int? {
    let depth = parser.labelCount - zoneLabels
    guard depth >= 3, label(depth - 1, is: "svc") else { return nil }
    let start = Int(parser.labels[depth - 3])
    let key = UnsafeBufferPointer(start: parser.name + start, count: Int(parser.labels[depth - 1]) - start)
    guard let service = index.service(wire: key), !service.isEmpty else {
      return negative(index, message, reply, .noSuchName)
    }
    guard depth == 3, service.kind == .clusterIP || service.kind == .headless else { return nil }
    let records: [UInt8]
    let size: Int
    switch parser.type {
    case .a: (records, size) = (service.answersV4, 16)
    case .aaaa: (records, size) = (service.answersV6, 28)
    default: return nil
    }
    if records.isEmpty { return negative(index, message, reply, .noError) }
    counted.answeredFromCluster += 1
    return copy(records, size: size, message, reply, limit: limit)
  }

  private func copy(
    _ records: [UInt8], size: Int, _ message: UnsafeRawBufferPointer, _ reply: UnsafeMutableRawBufferPointer,
    limit: Int
  ) -> Int {
    let start = begin(message, reply)
    let total = records.count / size
    let count = min(total, (limit - start - (parser.hasOPT ? WireFormat.optSize : 0)) / size)
    var first = 0
    if total > 1 {
      turn &+= 1
      first = turn % total
    }
    let tail = min(count, total - first)
    records.withUnsafeBytes { bytes in
      let room = UnsafeMutableRawBufferPointer(rebasing: reply[start...])
      room.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[(first * size)..<((first + tail) * size)]))
      UnsafeMutableRawBufferPointer(rebasing: room[(tail * size)...])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[0..<((count - tail) * size)]))
    }
    reply[6] = UInt8(count >> 8)
    reply[7] = UInt8(truncatingIfNeeded: count)
    if count < total { truncate(reply) }
    return finish(message, reply, .noError, length: start + count * size, isAuthoritative: true)
  }

  /// A reply that says no, with the zone's start of authority.
  private func negative(
    _ index: NameIndex, _ message: UnsafeRawBufferPointer, _ reply: UnsafeMutableRawBufferPointer,
    _ code: ResponseCode
  ) -> Int {
    if code == .noSuchName { counted.noSuchName += 1 } else { counted.answeredFromCluster += 1 }
    var position = begin(message, reply)
    // The zone's name stands at the end of the question; its servers' names are a label in front of it.
    let zonePointer = UInt16(0xc000 + WireFormat.headerSize + parser.nameLength - zone.count)
    func put(_ value: UInt16) {
      reply[position] = UInt8(value >> 8)
      reply[position + 1] = UInt8(truncatingIfNeeded: value)
      position += 2
    }
    func put32(_ value: UInt32) {
      put(UInt16(value >> 16))
      put(UInt16(truncatingIfNeeded: value))
    }
    func put(_ bytes: StaticString) {
      UnsafeMutableRawBufferPointer(rebasing: reply[position...])
        .copyMemory(from: UnsafeRawBufferPointer(start: bytes.utf8Start, count: bytes.utf8CodeUnitCount))
      position += bytes.utf8CodeUnitCount
    }
    put(zonePointer)
    put(RecordType.soa.rawValue)
    put(WireFormat.internetClass)
    put32(index.configuration.negativeTTL)
    put(UInt16(9 + 13 + 20))
    put("\u{2}ns\u{3}dns")
    put(zonePointer)
    put("\u{a}hostmaster")
    put(zonePointer)
    for number in [index.serial, 7200, 1800, 86_400, index.configuration.negativeTTL] { put32(number) }
    reply[9] = 1
    return finish(message, reply, code, length: position, isAuthoritative: true)
  }

  private func label(_ number: Int, is text: StaticString) -> Bool {
    let start = parser.name + Int(parser.labels[number])
    guard Int(start[0]) == text.utf8CodeUnitCount else { return false }
    return UnsafeBufferPointer(start: start + 1, count: Int(start[0]))
      .elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
