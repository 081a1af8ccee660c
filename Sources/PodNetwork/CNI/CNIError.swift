package import JSONTree

/// An error as the CNI specification prints it.
package struct CNIError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Numbers of the specification, section "Error"; 100 and above are ours.
  package enum Code: Int64, Sendable {
    case incompatibleVersion = 1
    case unknownContainer = 3
    case invalidEnvironment = 4
    case inputOutput = 5
    case invalidContent = 6
    case invalidConfiguration = 7
    /// The runtime may try the same again later.
    case tryAgainLater = 11
    case notAvailable = 50
    /// The kernel refused what an attachment needs.
    case kernel = 100
    /// CHECK found the attachment other than ADD left it.
    case mismatch = 101
  }

  package let code: Code
  package let message: String
  package let details: String

  package init(_ code: Code, _ message: String, details: String = "") {
    self.code = code
    self.message = message
    self.details = details
  }

  package var description: String { details.isEmpty ? message : "\(message) (\(details))" }

  package var json: JSON {
    ["code": .int(code.rawValue), "msg": .string(message), "details": .string(details)]
  }
}
