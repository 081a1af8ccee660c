/// Why a text is not JSON, and where.
package struct JSONError: Error, Hashable, CustomStringConvertible {
  /// Offset of the offending byte.
  package let offset: Int
  package let reason: String

  package init(offset: Int, reason: String) {
    self.offset = offset
    self.reason = reason
  }

  package var description: String { "invalid JSON at byte \(offset): \(reason)" }
}

extension JSON {
  /// Parses one JSON text (RFC 8259). Leading zeros, lone surrogates and trailing data are errors; nesting is limited
  /// to 512 levels. A repeated member name is an error unless `duplicates` collects its path, in which case the last
  /// value stays, as Go's decoder has it.
  package static func parse(_ bytes: some Sequence<UInt8>) throws(JSONError) -> JSON {
    let array = ContiguousArray(bytes)
    return try array.span.withUnsafeBufferPointer { (buffer) throws(JSONError) in
      var parser = JSONParser(buffer)
      return try parser.document()
    }
  }

  package static func parse(_ text: String) throws(JSONError) -> JSON { try parse(text.utf8) }

  /// Parses without copying; for bytes that are already in memory, as a network buffer's are.
  package static func parse(_ buffer: UnsafeBufferPointer<UInt8>) throws(JSONError) -> JSON {
    var parser = JSONParser(buffer)
    return try parser.document()
  }

  /// Parses as ``parse(_:)`` and lists the names of repeated members, for Kubernetes' strict field validation.
  package static func parseNotingDuplicates(
    _ bytes: some Sequence<UInt8>
  ) throws(JSONError) -> (value: JSON, duplicates: [String]) {
    let array = ContiguousArray(bytes)
    return try array.span.withUnsafeBufferPointer { (buffer) throws(JSONError) in
      var parser = JSONParser(buffer)
      parser.collectsDuplicates = true
      let value = try parser.document()
      return (value, parser.duplicates)
    }
  }
}

extension JSON {
  /// Parses as ``parse(_:)`` and keeps repeated members, each in its place: for judging a text, not for using it.
  package static func parseKeepingRepeated(_ bytes: some Sequence<UInt8>) throws(JSONError) -> JSON {
    let array = ContiguousArray(bytes)
    return try array.span.withUnsafeBufferPointer { (buffer) throws(JSONError) in
      var parser = JSONParser(buffer)
      parser.keepsRepeated = true
      return try parser.document()
    }
  }
}

/// A recursive-descent parser over a buffer that outlives it.
struct JSONParser {
  private let base: UnsafeBufferPointer<UInt8>
  private var position = 0
  private var depth = 0
  var collectsDuplicates = false
  var keepsRepeated = false
  private(set) var duplicates: [String] = []
  private var path: [String] = []
  /// Direct-mapped cache of member names too long for a small string: the same few come again and again.
  /// Made when the first such name comes, for many texts are short.
  private var cachedHashes: [UInt64] = []
  private var cachedKeys: [String] = []

  private static let maximumDepth = 512

  init(_ buffer: UnsafeBufferPointer<UInt8>) { base = buffer }

  mutating func document() throws(JSONError) -> JSON {
    skipWhitespace()
    let value = try parseValue()
    skipWhitespace()
    guard position == base.count else { throw error("unexpected data after the value") }
    return value
  }

  private func error(_ reason: String) -> JSONError { JSONError(offset: position, reason: reason) }

  @inline(__always) private mutating func skipWhitespace() {
    while position < base.count {
      let byte = base[position]
      guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return }
      position += 1
    }
  }

  private mutating func parseValue() throws(JSONError) -> JSON {
    guard position < base.count else { throw error("unexpected end") }
    switch base[position] {
    case UInt8(ascii: "\""): return .string(try parseString(isKey: false))
    case UInt8(ascii: "{"): return try parseObject()
    case UInt8(ascii: "["): return try parseArray()
    case UInt8(ascii: "t"): return try parseLiteral("true", .bool(true))
    case UInt8(ascii: "f"): return try parseLiteral("false", .bool(false))
    case UInt8(ascii: "n"): return try parseLiteral("null", .null)
    default: return try parseNumber()
    }
  }

  private mutating func enter() throws(JSONError) {
    depth += 1
    guard depth <= Self.maximumDepth else { throw error("nested deeper than \(Self.maximumDepth) levels") }
    position += 1
    skipWhitespace()
  }

  private mutating func parseObject() throws(JSONError) -> JSON {
    try enter()
    defer { depth -= 1 }
    var object = JSONObject()
    if position < base.count, base[position] == UInt8(ascii: "}") {
      position += 1
      return .object(object)
    }
    object.members.reserveCapacity(4)
    var repeated = RepeatedMembers()
    while true {
      guard position < base.count, base[position] == UInt8(ascii: "\"") else { throw error("expected a member name") }
      let start = position
      let key = try parseString(isKey: true)
      skipWhitespace()
      guard position < base.count, base[position] == UInt8(ascii: ":") else { throw error("expected ':'") }
      position += 1
      skipWhitespace()
      if collectsDuplicates { path.append(key) }
      let value = try parseValue()
      if !keepsRepeated, let existing = repeated.position(of: key, in: object) {
        guard collectsDuplicates else { throw JSONError(offset: start, reason: "repeated member \"\(key)\"") }
        duplicates.append(path.joined(separator: "."))
        object.members[existing].value = value
      } else {
        repeated.append(key, at: object.count)
        object.members.append(.init(key: key, value: value))
      }
      if collectsDuplicates { path.removeLast() }
      if try closes(with: UInt8(ascii: "}")) { return .object(object) }
    }
  }

  private mutating func parseArray() throws(JSONError) -> JSON {
    try enter()
    defer { depth -= 1 }
    var array: [JSON] = []
    if position < base.count, base[position] == UInt8(ascii: "]") {
      position += 1
      return .array(array)
    }
    while true {
      if collectsDuplicates, !path.isEmpty {
        let name = path[path.count - 1]
        path[path.count - 1] = "\(name)[\(array.count)]"
        array.append(try parseValue())
        path[path.count - 1] = name
      } else {
        array.append(try parseValue())
      }
      if try closes(with: UInt8(ascii: "]")) { return .array(array) }
    }
  }

  /// After an element: true at the closing bracket, false after a comma.
  private mutating func closes(with bracket: UInt8) throws(JSONError) -> Bool {
    skipWhitespace()
    guard position < base.count else { throw error("unexpected end") }
    let byte = base[position]
    guard byte == bracket || byte == UInt8(ascii: ",") else {
      throw error("expected ',' or '\(Character(Unicode.Scalar(bracket)))'")
    }
    position += 1
    if byte == bracket { return true }
    skipWhitespace()
    return false
  }

  private mutating func parseLiteral(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    let count = word.utf8CodeUnitCount
    guard position + count <= base.count else { throw error("unexpected end") }
    for offset in 0..<count where base[position + offset] != word.utf8Start[offset] {
      throw error("unknown literal")
    }
    position += count
    return value
  }

  private mutating func skipDigits() throws(JSONError) {
    let start = position
    while position < base.count, base[position] &- 0x30 < 10 { position += 1 }
    guard position > start else { throw error("expected a digit") }
  }

  private mutating func parseNumber() throws(JSONError) -> JSON {
    let start = position
    let negative = base[position] == UInt8(ascii: "-")
    if negative { position += 1 }
    let first = position
    var value: Int64 = 0
    var overflow = false
    while position < base.count, base[position] &- 0x30 < 10 {
      let (product, overflow1) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow2) = product.subtractingReportingOverflow(Int64(base[position] - 0x30))
      overflow = overflow || overflow1 || overflow2
      value = sum
      position += 1
    }
    guard position > first else { throw error("expected a value") }
    if base[first] == 0x30, position > first + 1 { throw error("number with a leading zero") }
    var isInteger = true
    if position < base.count, base[position] == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      try skipDigits()
    }
    if position < base.count, base[position] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      position += 1
      if position < base.count, base[position] == UInt8(ascii: "+") || base[position] == UInt8(ascii: "-") {
        position += 1
      }
      try skipDigits()
    }
    if isInteger, !overflow, negative || value != .min { return .int(negative ? value : -value) }
    let text = String(decoding: base[start..<position], as: UTF8.self)
    guard let number = Double(text), number.isFinite else {
      throw JSONError(offset: start, reason: "number out of range")
    }
    return .double(number)
  }

  @inline(__always) private mutating func parseString(isKey: Bool) throws(JSONError) -> String {
    position += 1
    let start = position
    var union: UInt8 = 0
    while position < base.count {
      let byte = base[position]
      if byte == UInt8(ascii: "\"") {
        let text = UnsafeBufferPointer(rebasing: base[start..<position])
        position += 1
        return isKey && text.count > 15 && text.count < 64
          ? try cachedKey(text, union) : try makeString(text, union)
      }
      if byte == UInt8(ascii: "\\") { return try parseEscapedString(from: start) }
      guard byte >= 0x20 else { throw error("control character in a string") }
      union |= byte
      position += 1
    }
    throw error("unexpected end in a string")
  }

  private mutating func cachedKey(_ text: UnsafeBufferPointer<UInt8>, _ union: UInt8) throws(JSONError) -> String {
    if cachedHashes.isEmpty {
      cachedHashes = [UInt64](repeating: 0, count: 256)
      cachedKeys = [String](repeating: "", count: 256)
    }
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a
    for byte in text { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let slot = Int(hash & 255)
    if cachedHashes[slot] == hash, cachedKeys[slot].utf8.elementsEqual(text) { return cachedKeys[slot] }
    let key = try makeString(text, union)
    cachedHashes[slot] = hash
    cachedKeys[slot] = key
    return key
  }

  @inline(__always) private func makeString(
    _ text: UnsafeBufferPointer<UInt8>, _ union: UInt8
  ) throws(JSONError) -> String {
    if union < 0x80 {
      return String(unsafeUninitializedCapacity: text.count) { target in
        _ = target.initialize(from: text)
        return text.count
      }
    }
    guard let string = String(validating: text, as: UTF8.self) else { throw error("string is not UTF-8") }
    return string
  }

  private mutating func parseEscapedString(from start: Int) throws(JSONError) -> String {
    var output = [UInt8](base[start..<position])
    while position < base.count {
      let byte = base[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: output, as: UTF8.self) else { throw error("string is not UTF-8") }
        return string
      case UInt8(ascii: "\\"): try parseEscape(into: &output)
      case 0..<0x20: throw error("control character in a string")
      default: output.append(byte)
      }
    }
    throw error("unexpected end in a string")
  }

  private mutating func parseEscape(into output: inout [UInt8]) throws(JSONError) {
    guard position < base.count else { throw error("unexpected end in a string") }
    let escape = base[position]
    position += 1
    switch escape {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(escape)
    case UInt8(ascii: "n"): output.append(0x0a)
    case UInt8(ascii: "t"): output.append(0x09)
    case UInt8(ascii: "r"): output.append(0x0d)
    case UInt8(ascii: "b"): output.append(0x08)
    case UInt8(ascii: "f"): output.append(0x0c)
    case UInt8(ascii: "u"):
      var scalar = try parseHexadecimal()
      if (0xd800..<0xdc00).contains(scalar) {
        guard position + 1 < base.count, base[position] == UInt8(ascii: "\\"), base[position + 1] == UInt8(ascii: "u")
        else { throw error("lone surrogate") }
        position += 2
        let low = try parseHexadecimal()
        guard (0xdc00..<0xe000).contains(low) else { throw error("lone surrogate") }
        scalar = 0x10000 + (scalar - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let unicode = Unicode.Scalar(scalar) else { throw error("lone surrogate") }
      output.append(contentsOf: Character(unicode).utf8)
    default: throw error("unknown escape")
    }
  }

  private mutating func parseHexadecimal() throws(JSONError) -> UInt32 {
    guard position + 4 <= base.count else { throw error("unexpected end in a string") }
    var value: UInt32 = 0
    for _ in 0..<4 {
      let byte = base[position]
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x61...0x66: digit = byte - 0x57
      case 0x41...0x46: digit = byte - 0x37
      default: throw error("expected four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
