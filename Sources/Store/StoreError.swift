/// Why the store refused or failed.
package struct StoreError: Error, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// The key was to be made and is there.
    case exists
    /// The key was to be changed and is not there.
    case notFound
    /// The key was changed since it was read.
    case conflict
    /// History does not reach back that far.
    case compacted
    /// The storage failed; the message says what to do.
    case storage
    /// The store was closed.
    case closed
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
