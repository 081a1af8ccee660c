/// Why the server cannot start or go on.
package struct APIServerError: Error, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// Its folder cannot be used.
    case dataDirectory
    /// Its address cannot be listened on.
    case listen
    /// Its audit policy cannot be read, or its audit log cannot be written.
    case audit
    /// What admission is configured by cannot be read.
    case admission
    /// The cluster's first objects cannot be made.
    case bootstrap
  }

  package let code: Code
  package let message: String
  package let cause: (any Error)?
  package let location: String

  package init(
    _ code: Code, _ message: String, cause: (any Error)? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    self.code = code
    self.message = message
    self.cause = cause
    location = "\(file):\(line)"
  }

  package var description: String { cause.map { "\(message): \($0)" } ?? message }
}
