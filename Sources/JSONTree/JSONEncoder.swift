extension JSON {
  /// Compact UTF-8 JSON text; `indented` gives two spaces a level, for people.
  package func encoded(indented: Bool = false) -> [UInt8] {
    var writer = JSONWriter(indented: indented)
    writer.write(self)
    return writer.bytes
  }
}

/// Appends JSON text to a byte array; parts that are encoded already can be put in as they are.
package struct JSONWriter {
  package private(set) var bytes: [UInt8] = []
  private let indented: Bool
  private var level = 0
  private static let hexadecimal = Array("0123456789abcdef".utf8)

  package init(indented: Bool = false, reservingCapacity capacity: Int = 0) {
    self.indented = indented
    bytes.reserveCapacity(capacity)
  }

  /// Appends text that is JSON already.
  package mutating func writeRaw(_ text: some Sequence<UInt8>) { bytes.append(contentsOf: text) }

  package mutating func write(_ value: JSON) {
    switch value {
    case .null: writeRaw("null".utf8)
    case .bool(let flag): writeRaw((flag ? "true" : "false").utf8)
    case .int(let number): writeRaw(String(number).utf8)
    case .double(let number): write(number)
    case .string(let text): write(text)
    case .array(let elements):
      open(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        separate(first: index == 0)
        write(element)
      }
      close(UInt8(ascii: "]"), empty: elements.isEmpty)
    case .object(let object):
      open(UInt8(ascii: "{"))
      for (index, member) in object.members.enumerated() {
        separate(first: index == 0)
        write(member.key)
        bytes.append(UInt8(ascii: ":"))
        if indented { bytes.append(0x20) }
        write(member.value)
      }
      close(UInt8(ascii: "}"), empty: object.isEmpty)
    }
  }

  private mutating func open(_ bracket: UInt8) {
    bytes.append(bracket)
    level += 1
  }

  private mutating func separate(first: Bool) {
    if !first { bytes.append(UInt8(ascii: ",")) }
    if indented { newLine() }
  }

  private mutating func close(_ bracket: UInt8, empty: Bool) {
    level -= 1
    if indented, !empty { newLine() }
    bytes.append(bracket)
  }

  private mutating func newLine() {
    bytes.append(0x0a)
    bytes.append(contentsOf: repeatElement(0x20, count: 2 * level))
  }

  /// A whole number in double's exact range is written without a fraction, as Go does.
  private mutating func write(_ number: Double) {
    if let whole = Int64(exactly: number), abs(number) < 1e15 {
      writeRaw(String(whole).utf8)
    } else {
      writeRaw(number.description.utf8)
    }
  }

  /// A quoted string.
  package mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { utf8 in
      var from = 0
      for index in 0..<utf8.count {
        let byte = utf8[index]
        if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { continue }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[from..<index]))
        from = index + 1
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x0a: bytes.append(UInt8(ascii: "n"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0d: bytes.append(UInt8(ascii: "r"))
        default:
          writeRaw("u00".utf8)
          bytes.append(Self.hexadecimal[Int(byte >> 4)])
          bytes.append(Self.hexadecimal[Int(byte & 15)])
        }
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[from..<utf8.count]))
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
