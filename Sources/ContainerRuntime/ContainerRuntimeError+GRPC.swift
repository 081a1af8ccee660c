extension ContainerRuntimeError.Code {
  /// As Go's gRPC prints it. What is not gRPC's own counts as what a client without an answer gets.
  package var callName: String {
    switch self {
    case .cancelled: "Canceled"
    case .invalidArgument: "InvalidArgument"
    case .deadlineExceeded: "DeadlineExceeded"
    case .notFound: "NotFound"
    case .alreadyExists: "AlreadyExists"
    case .permissionDenied: "PermissionDenied"
    case .resourceExhausted: "ResourceExhausted"
    case .failedPrecondition: "FailedPrecondition"
    case .aborted: "Aborted"
    case .unimplemented: "Unimplemented"
    case .internal, .malformedAnswer: "Internal"
    case .unavailable, .program, .file: "Unavailable"
    case .unknown(11): "OutOfRange"
    case .unknown(15): "DataLoss"
    case .unknown(16): "Unauthenticated"
    case .unknown: "Unknown"
    }
  }
}

extension ContainerRuntimeError {
  /// As Go's gRPC prints an error, which upstream's messages repeat.
  package var callDescription: String { "rpc error: code = \(code.callName) desc = \(description)" }
}
