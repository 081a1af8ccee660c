/// What kept a cluster or a lab from starting, stopping or being looked at.
package struct LabError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// The caller is not root.
    case notPrivileged
    /// A cluster of that name is up.
    case alreadyUp
    /// No cluster of that name is up.
    case notUp
    /// There is no such node.
    case noSuchNode
    /// A program or a file that is needed is missing.
    case missing
    /// A saved state or specification cannot be read.
    case damaged
    /// The nodes did not become ready.
    case notReady
    /// Something the kernel or a program refused; the cause says what.
    case refused
  }

  package let code: Code
  /// What went wrong and what to do about it.
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
