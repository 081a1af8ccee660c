/// RFC 4648 base64: how JSON carries bytes, and how tokens carry JSON.
package enum Base64 {
  package enum Alphabet: Sendable {
    /// With padding; Kubernetes' `bytes` fields.
    case standard
    /// URL-safe without padding; JSON Web Tokens.
    case url
  }

  private static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let url = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  package static func encode(_ bytes: some Collection<UInt8>, alphabet: Alphabet = .standard) -> String {
    let characters = alphabet == .standard ? standard : url
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
      if alphabet == .standard { output.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - count)) }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// `nil` for text that is not base64: characters outside the alphabet, wrong padding, left-over bits that are not
  /// zero. Line breaks are skipped in the standard alphabet, as Go's decoder does.
  package static func decode(_ text: some StringProtocol, alphabet: Alphabet = .standard) -> [UInt8]? {
    var output: [UInt8] = []
    output.reserveCapacity(text.utf8.count / 4 * 3)
    var bits: UInt32 = 0
    var count = 0
    var padding = 0
    for character in text.utf8 {
      if alphabet == .standard, character == 0x0a || character == 0x0d { continue }
      if alphabet == .standard, character == UInt8(ascii: "=") {
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
    let expectedPadding = alphabet == .standard && count > 0 ? 4 - count : 0
    guard count != 1, padding == expectedPadding else { return nil }
    if count == 2 {
      guard bits & 0xf == 0 else { return nil }
      output.append(UInt8(truncatingIfNeeded: bits >> 4))
    } else if count == 3 {
      guard bits & 0x3 == 0 else { return nil }
      output.append(UInt8(truncatingIfNeeded: bits >> 10))
      output.append(UInt8(truncatingIfNeeded: bits >> 2))
    }
    return output
  }

  private static func value(of character: UInt8, _ alphabet: Alphabet) -> UInt32? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+") where alphabet == .standard, UInt8(ascii: "-") where alphabet == .url: 62
    case UInt8(ascii: "/") where alphabet == .standard, UInt8(ascii: "_") where alphabet == .url: 63
    default: nil
    }
  }
}
