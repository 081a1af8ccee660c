/// Base64 with padding (RFC 4648, section 4), as JSON carries bytes.
package enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let values: [UInt8] = {
    var table = [UInt8](repeating: 0xff, count: 256)
    for (value, character) in alphabet.enumerated() { table[Int(character)] = UInt8(value) }
    return table
  }()

  /// The bytes as text.
  package static func encode(_ bytes: some Collection<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var group: UInt32 = 0
    var count = 0
    for byte in bytes {
      group = group << 8 | UInt32(byte)
      count += 1
      guard count == 3 else { continue }
      for shift in [18, 12, 6, 0] as [UInt32] { text.append(alphabet[Int(group >> shift & 63)]) }
      group = 0
      count = 0
    }
    if count == 1 {
      text += [alphabet[Int(group >> 2)], alphabet[Int(group << 4 & 63)], UInt8(ascii: "="), UInt8(ascii: "=")]
    } else if count == 2 {
      text += [
        alphabet[Int(group >> 10)], alphabet[Int(group >> 4 & 63)], alphabet[Int(group << 2 & 63)], UInt8(ascii: "="),
      ]
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes a text stands for; line breaks are skipped, as Go does. `nil` where the text is not base64.
  package static func decode(_ text: some StringProtocol) -> [UInt8]? {
    guard firstFault(in: text) == nil else { return nil }
    var bytes: [UInt8] = []
    var group: UInt32 = 0
    var count = 0
    for character in text.utf8 where values[Int(character)] != 0xff {
      group = group << 6 | UInt32(values[Int(character)])
      count += 1
      guard count == 4 else { continue }
      bytes += [
        UInt8(truncatingIfNeeded: group >> 16), UInt8(truncatingIfNeeded: group >> 8), UInt8(truncatingIfNeeded: group),
      ]
      group = 0
      count = 0
    }
    if count == 2 { bytes.append(UInt8(truncatingIfNeeded: group >> 4)) }
    if count == 3 { bytes += [UInt8(truncatingIfNeeded: group >> 10), UInt8(truncatingIfNeeded: group >> 2)] }
    return bytes
  }

  /// Offset of the first byte that cannot stand where it does; `nil` for a text that is base64.
  static func firstFault(in text: some StringProtocol) -> Int? {
    var digits = 0
    var padding = 0
    var offset = -1
    for character in text.utf8 {
      offset += 1
      if character == 0x0a || character == 0x0d { continue }
      if character == UInt8(ascii: "=") {
        padding += 1
        guard padding <= 2, (digits + padding) % 4 != 1, digits % 4 >= 2 else { return offset }
      } else {
        guard padding == 0, values[Int(character)] != 0xff else { return offset }
        digits += 1
      }
    }
    return (digits + padding) % 4 == 0 ? nil : offset + 1
  }
}
