/// A path into a JSON document (RFC 6901).
struct JSONPointer: Hashable, Sendable {
  /// As it was written, for messages.
  let text: String
  /// Decoded: `~1` is `/`, `~0` is `~`.
  let tokens: [String]

  /// A path that does not begin with `/` loses its first part, as upstream's library has it.
  init(_ text: String) {
    self.text = text
    tokens = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(Self.decode)
  }

  var isRoot: Bool { text.isEmpty }

  private static func decode(_ token: Substring) -> String {
    guard token.contains("~") else { return String(token) }
    var result = ""
    var rest = token.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      if scalar == "~", rest.first == "0" || rest.first == "1" {
        result += rest.removeFirst() == "0" ? "~" : "/"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
