/// RFC 4648 base64: how JSON carries bytes, and how tokens carry JSON.
package enum Base64 {
  package enum Alphabet: Sendable {
    /// With padding; Kubernetes' `bytes` fields.
    case standard
    /// The same out of files that people write: padding may be missing, and there may be white space.
    case lenient
    /// URL-safe without padding; JSON Web Tokens.
    case url
  }

  private static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let url = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  package static func encode(_ bytes: some Collection<UInt8>, alphabet: Alphabet = .standard) -> String {
    encode(Array(bytes), alphabet)
  }

  private static func encode(_ bytes: [UInt8], _ alphabet: Alphabet) -> String {
    let characters = alphabet == .url ? url : standard
    var output: [UInt8] = []
    output.reserveCapacity((bytes.count + 2) / 3 * 4)
    var bits: UInt32 = 0
    var count = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      count += 1
      if count == 3 {
        for shift in [18, 12, 6, 0] as [UInt32] { output.append(characters[Int(bits >> shift & 63)]) }
        bits = 0
        count = 0
      }
    }
    if count > 0 {
      bits <<= UInt32(8 * (3 - count))
      for index in 0...count { output.append(characters[Int(bits >> UInt32(18 - 6 * index) & 63)]) }
      if alphabet != .url { output.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - count)) }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// `nil` for text that is not base64: characters outside the alphabet, wrong padding. As Go's decoder does, line breaks
  /// are skipped in the standard alphabet, and left-over bits may be anything; in the URL-safe one they are zero, so that
  /// a token has one spelling.
  package static func decode(_ text: some StringProtocol, alphabet: Alphabet = .standard) -> [UInt8]? {
    decode(Array(text.utf8), alphabet)
  }

  private static func decode(_ text: [UInt8], _ alphabet: Alphabet) -> [UInt8]? {
    var output: [UInt8] = []
    output.reserveCapacity(text.count / 4 * 3)
    var bits: UInt32 = 0
    var count = 0
    var padding = 0
    for character in text {
      if isSkipped(character, alphabet) { continue }
      if alphabet != .url, character == UInt8(ascii: "=") {
        padding += 1
        continue
      }
      guard padding == 0, let value = value(of: character, alphabet) else { return nil }
      bits = bits << 6 | value
      count += 1
      if count == 4 {
        output.append(UInt8(truncatingIfNeeded: bits >> 16))
        output.append(UInt8(truncatingIfNeeded: bits >> 8))
        output.append(UInt8(truncatingIfNeeded: bits))
        bits = 0
        count = 0
      }
    }
    guard count != 1, alphabet != .standard || padding == (4 - count) % 4 else { return nil }
    if count == 2 {
      guard alphabet != .url || bits & 0xf == 0 else { return nil }
      output.append(UInt8(truncatingIfNeeded: bits >> 4))
    } else if count == 3 {
      guard alphabet != .url || bits & 0x3 == 0 else { return nil }
      output.append(UInt8(truncatingIfNeeded: bits >> 10))
      output.append(UInt8(truncatingIfNeeded: bits >> 2))
    }
    return output
  }

  /// Offset of the first byte that cannot stand where it does; `nil` for what ``decode(_:alphabet:)`` takes in the standard
  /// alphabet.
  package static func firstFault(in text: String) -> Int? {
    var digits = 0
    var padding = 0
    var offset = -1
    for character in text.utf8 {
      offset += 1
      if isSkipped(character, .standard) { continue }
      if character == UInt8(ascii: "=") {
        padding += 1
        guard padding <= 2, (digits + padding) % 4 != 1, digits % 4 >= 2 else { return offset }
      } else {
        guard padding == 0, value(of: character, .standard) != nil else { return offset }
        digits += 1
      }
    }
    return (digits + padding) % 4 == 0 ? nil : offset + 1
  }

  private static func isSkipped(_ character: UInt8, _ alphabet: Alphabet) -> Bool {
    switch character {
    case 0x0a, 0x0d: alphabet != .url
    case 0x09, 0x20: alphabet == .lenient
    default: false
    }
  }

  private static func value(of character: UInt8, _ alphabet: Alphabet) -> UInt32? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+") where alphabet != .url, UInt8(ascii: "-") where alphabet == .url: 62
    case UInt8(ascii: "/") where alphabet != .url, UInt8(ascii: "_") where alphabet == .url: 63
    default: nil
    }
  }
}
