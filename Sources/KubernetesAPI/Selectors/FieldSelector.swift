/// Which objects are meant by values of their fields: `status.phase=Running,metadata.name!=a`.
package struct FieldSelector: Hashable, Sendable, CustomStringConvertible {
  package struct Term: Hashable, Sendable {
    package let field: String
    package let value: String
    package let isEqual: Bool

    package init(_ field: String, equals value: String) {
      self.init(field: field, value: value, isEqual: true)
    }

    init(field: String, value: String, isEqual: Bool) {
      self.field = field
      self.value = value
      self.isEqual = isEqual
    }
  }

  package let terms: [Term]
  package static let everything = FieldSelector(terms: [])

  package init(terms: [Term]) { self.terms = terms }

  /// Parses the query syntax; `\\`, `\,` and `\=` stand for these characters in values.
  package init(_ text: String) throws(KubernetesAPIError) {
    var terms: [Term] = []
    for part in Self.split(text).sorted() where !part.isEmpty {
      guard let (field, isEqual, value) = Self.term(part) else {
        throw KubernetesAPIError(.invalidSelector, "invalid selector: '\(text)'; can't understand '\(part)'")
      }
      terms.append(Term(field: field, value: try Self.unescape(value), isEqual: isEqual))
    }
    self.terms = terms
  }

  package var matchesEverything: Bool { terms.isEmpty }

  /// Whether the fields found through `value` are meant; a field that is not there is empty.
  package func matches(_ value: (String) -> String?) -> Bool {
    terms.allSatisfy { ((value($0.field) ?? "") == $0.value) == $0.isEqual }
  }

  package func matches(_ fields: [String: String]) -> Bool { matches { fields[$0] } }

  /// The one value a field must have, where the selector asks for one.
  package func exactValue(of field: String) -> String? { terms.first { $0.field == field && $0.isEqual }?.value }

  package var description: String {
    terms.map { "\($0.field)\($0.isEqual ? "=" : "!=")\(Self.escape($0.value))" }.joined(separator: ",")
  }

  private static func split(_ text: String) -> [String] {
    var parts: [String] = []
    var part: [UInt8] = []
    var isEscaped = false
    for byte in text.utf8 {
      if byte == UInt8(ascii: ","), !isEscaped {
        parts.append(String(decoding: part, as: UTF8.self))
        part = []
      } else {
        part.append(byte)
      }
      isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
    }
    return parts + [String(decoding: part, as: UTF8.self)]
  }

  private static func term(_ text: String) -> (field: String, isEqual: Bool, value: String)? {
    let bytes = Array(text.utf8)
    for index in bytes.indices {
      for (symbol, isEqual) in [("!=", false), ("==", true), ("=", true)]
      where bytes[index...].starts(with: symbol.utf8) {
        return (
          String(decoding: bytes[..<index], as: UTF8.self), isEqual,
          String(decoding: bytes[(index + symbol.utf8.count)...], as: UTF8.self)
        )
      }
    }
    return nil
  }

  private static func escape(_ value: String) -> String {
    var text = ""
    for character in value.unicodeScalars {
      if "\\,=".unicodeScalars.contains(character) { text += "\\" }
      text.unicodeScalars.append(character)
    }
    return text
  }

  private static func unescape(_ value: String) throws(KubernetesAPIError) -> String {
    var text = ""
    var isEscaped = false
    for character in value.unicodeScalars {
      if isEscaped {
        guard "\\,=".unicodeScalars.contains(character) else {
          throw KubernetesAPIError(
            .invalidSelector, "invalid field selector: invalid escape sequence: \\\(character)")
        }
        text.unicodeScalars.append(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == "," || character == "=" {
        throw KubernetesAPIError(
          .invalidSelector, "invalid field selector: unescaped character in value: \(character)")
      } else {
        text.unicodeScalars.append(character)
      }
    }
    if isEscaped {
      throw KubernetesAPIError(.invalidSelector, "invalid field selector: invalid escape sequence: \\")
    }
    return text
  }
}
