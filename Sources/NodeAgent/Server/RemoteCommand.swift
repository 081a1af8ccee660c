import JSONTree

/// The words of the remote command protocol, whatever carries it: what a client sends, and how a command's end is told.
enum RemoteCommand {
  enum Message: Sendable, Hashable {
    case input([UInt8])
    case closeInput
    case resize(width: UInt32, height: UInt32)
  }

  /// How a command ended, or why there was none.
  enum Outcome: Sendable, Hashable {
    case exited(Int32)
    case failed(String)
  }

  static func size(_ bytes: some Collection<UInt8>) -> Message? {
    guard let size = try? JSON.parse(Array(bytes)), let width = size["Width"]?.int, let height = size["Height"]?.int
    else { return nil }
    return .resize(width: UInt32(clamping: width), height: UInt32(clamping: height))
  }
}

extension RemoteCommand.Outcome {
  /// What the error stream says in the end: a `Status` where the protocol has it (version 4 and later), before that the
  /// bare message of a failure.
  /// - Returns: `nil` where nothing is said.
  func text(hasStatus: Bool) -> [UInt8]? {
    if hasStatus { return status.encoded() }
    guard let message = status["message"]?.string else { return nil }
    return Array(message.utf8)
  }

  var status: JSON {
    switch self {
    case .exited(0): return ["metadata": [:], "status": "Success"]
    case .exited(let code):
      return [
        "metadata": [:], "status": "Failure",
        "message": .string("command terminated with non-zero exit code: exit status \(code)"),
        "reason": "NonZeroExitCode",
        "details": ["causes": [["reason": "ExitCode", "message": .string("\(code)")]]],
      ]
    case .failed(let reason):
      return [
        "metadata": [:], "status": "Failure", "message": .string("Internal error occurred: \(reason)"),
        "reason": "InternalError", "details": ["causes": [["message": .string(reason)]]], "code": 500,
      ]
    }
  }
}
