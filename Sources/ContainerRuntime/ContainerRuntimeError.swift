/// Why a call to the container runtime, or its start, failed.
package struct ContainerRuntimeError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it is; the cases up to ``unknown(_:)`` are gRPC's status codes.
  package enum Code: Sendable, Hashable {
    case cancelled
    case invalidArgument
    case deadlineExceeded
    case notFound
    case alreadyExists
    case permissionDenied
    case resourceExhausted
    case failedPrecondition
    case aborted
    case unimplemented
    case `internal`
    /// The runtime cannot be reached, or the connection broke while the call ran: it may or may not have had effect.
    case unavailable
    /// gRPC's UNKNOWN, which containerd gives to most of its errors, or a code this list does not name.
    case unknown(Int)
    /// The bytes that came back are not what the protocol promises.
    case malformedAnswer
    /// A program (containerd, ctr, runc) is missing, did not start, or failed.
    case program
    /// A file or directory could not be made, read or written.
    case file

    /// From the number in `grpc-status` (gRPC's "Status codes and their use").
    package init(grpcStatus: Int) {
      self =
        switch grpcStatus {
        case 1: .cancelled
        case 3: .invalidArgument
        case 4: .deadlineExceeded
        case 5: .notFound
        case 6: .alreadyExists
        case 7: .permissionDenied
        case 8: .resourceExhausted
        case 9: .failedPrecondition
        case 10: .aborted
        case 12: .unimplemented
        case 13: .internal
        case 14: .unavailable
        default: .unknown(grpcStatus)
        }
    }
  }

  package let code: Code
  /// What happened and, where there is one, the remedy.
  package let message: String
  package let cause: (any Error)?
  /// Where in this program the error was made, as `file:line`.
  package let location: String

  package init(
    _ code: Code, _ message: String, cause: (any Error)? = nil, file: String = #fileID, line: Int = #line
  ) {
    self.code = code
    self.message = message
    self.cause = cause
    location = "\(file):\(line)"
  }

  package var description: String {
    guard let cause else { return message }
    return "\(message): \(cause)"
  }
}
