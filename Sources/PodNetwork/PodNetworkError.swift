/// What keeps the pod network from working.
package struct PodNetworkError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// The node's routes, settings or rules could not be put in place.
    case programming
    /// The socket for the CNI plugin could not be opened or served.
    case listening
    /// The network configuration file for the container runtime could not be written.
    case conflist
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
