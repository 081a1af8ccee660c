import HTTPTypes
import JSONTree
import KubernetesAPI

extension ResourceRequest {
  private static let maximumManagerLength = 128

  /// Who writes, for the managed fields: the `fieldManager` parameter, else the client's name from its user agent.
  func fieldManager() throws(APIStatus) -> String {
    guard let manager = query.text("fieldManager") else { return Self.clientName(request.headers[.userAgent] ?? "") }
    let path = FieldPath("fieldManager")
    var faults: [FieldError] = []
    if manager.utf8.count > Self.maximumManagerLength {
      faults.append(.tooLong(path, limit: Self.maximumManagerLength))
    }
    var position = 0
    for scalar in manager.unicodeScalars {
      if !Self.isPrintable(scalar) {
        let code = String(scalar.value, radix: 16, uppercase: true)
        let padded = String(repeating: "0", count: max(0, 4 - code.count)) + code
        faults.append(
          .invalid(path, .string(manager), "invalid character U+\(padded) (at position \(position))"))
      }
      position += String(scalar).utf8.count
    }
    guard faults.isEmpty else { throw .invalidOptions(Self.options(of: info.verb), faults) }
    return manager
  }

  /// What stands before the first slash of a user agent, without what cannot be shown.
  private static func clientName(_ agent: String) -> String {
    var name = ""
    var length = 0
    for scalar in agent.unicodeScalars {
      if scalar == "/" { break }
      guard isPrintable(scalar) else { continue }
      length += String(scalar).utf8.count
      guard length <= maximumManagerLength else { break }
      name.unicodeScalars.append(scalar)
    }
    return name
  }

  /// Go's `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols and the space.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return (0x20...0x7e).contains(scalar.value) }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
      .spaceSeparator:
      return false
    default: return true
    }
  }
}
