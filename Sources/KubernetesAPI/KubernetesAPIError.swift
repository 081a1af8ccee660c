/// Why a text or a patch is not what Kubernetes accepts. Messages use upstream's wording, which clients show.
package struct KubernetesAPIError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, for whoever turns it into an HTTP status.
  package enum Code: Hashable, Sendable {
    /// A label or field selector that does not parse: 400.
    case invalidSelector
    /// A quantity, time or percentage that does not parse: 400.
    case invalidValue
    /// A patch that is not of its format: 400.
    case invalidPatch
    /// A patch of the right format that does not fit the object: 422.
    case inapplicablePatch
    /// A patch with more operations than are allowed: 413.
    case patchTooLarge
  }

  package let code: Code
  package let message: String
  package let location: String

  package init(_ code: Code, _ message: String, file: String = #fileID, line: Int = #line) {
    self.code = code
    self.message = message
    location = "\(file):\(line)"
  }

  package var description: String { message }

  package static func == (left: Self, right: Self) -> Bool {
    left.code == right.code && left.message == right.message
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(code)
    hasher.combine(message)
  }
}

extension String {
  /// The text in double quotes with the escapes of Go's `%q`, as upstream's messages show values.
  package var goQuoted: String {
    var text = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      default:
        if scalar.value < 0x20 || scalar.value == 0x7f {
          let digits = String(scalar.value, radix: 16)
          text += "\\x" + (digits.utf8.count == 1 ? "0" : "") + digits
        } else {
          text.unicodeScalars.append(scalar)
        }
      }
    }
    return text + "\""
  }
}
