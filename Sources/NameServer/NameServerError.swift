/// Why names cannot be served.
package struct NameServerError: Error, Sendable, CustomStringConvertible {
  package enum Code: Hashable, Sendable {
    case noSocket
    case malformedMessage
    case upstreamUnreachable
    case upstreamSilent
  }

  package let code: Code
  package let message: String
  package let cause: (any Error)?
  package let location: String

  package init(
    _ code: Code, _ message: String, cause: (any Error)? = nil, file: String = #fileID, line: Int = #line
  ) {
    self.code = code
    self.message = message
    self.cause = cause
    location = "\(file):\(line)"
  }

  package var description: String { cause.map { "\(message): \($0)" } ?? message }
}
