/// Names the server makes up.
package enum GeneratedName {
  /// Letters and digits without vowels and look-alikes, as upstream has them: no word comes out by accident.
  package static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789".utf8)
  private static let suffixLength = 5
  private static let longestBase = 63 - suffixLength

  /// A `generateName` with five random characters behind it; a base that is too long is cut.
  package static func from(_ base: String) -> String {
    let cut = base.utf8.count <= longestBase ? base : String(decoding: base.utf8.prefix(longestBase), as: UTF8.self)
    return cut + suffix(suffixLength)
  }

  /// `count` random characters.
  package static func suffix(_ count: Int) -> String {
    String(decoding: (0..<count).map { _ in alphabet.randomElement()! }, as: UTF8.self)
  }

  /// Maps any text onto the alphabet, as the pod template hash is written.
  package static func safeEncoded(_ text: String) -> String {
    String(decoding: text.utf8.map { alphabet[Int($0) % alphabet.count] }, as: UTF8.self)
  }
}
