import JSONTree

/// The WebSocket subprotocol of `kubectl exec` (`v5.channel.k8s.io` and `v4`): the first byte of each binary message
/// names the stream it belongs to.
enum RemoteCommand {
  static let protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"]

  enum Stream {
    static let input: UInt8 = 0
    static let output: UInt8 = 1
    static let errorOutput: UInt8 = 2
    static let error: UInt8 = 3
    static let resize: UInt8 = 4
    /// Of v5: the next byte names a stream that has ended.
    static let close: UInt8 = 255
  }

  enum Message: Sendable, Hashable {
    case input([UInt8])
    case closeInput
    case resize(width: UInt32, height: UInt32)
  }

  /// `nil` for what has no meaning.
  static func parse(_ payload: [UInt8]) -> Message? {
    switch payload.first {
    case Stream.input: return .input(Array(payload.dropFirst()))
    case Stream.close: return payload.count > 1 && payload[1] == Stream.input ? .closeInput : nil
    case Stream.resize:
      guard let size = try? JSON.parse(payload.dropFirst()), let width = size["Width"]?.int,
        let height = size["Height"]?.int
      else { return nil }
      return .resize(width: UInt32(clamping: width), height: UInt32(clamping: height))
    default: return nil
    }
  }

  /// What the error stream says in the end: a `Status`, with the exit code where it is not zero.
  static func status(exitCode: Int32) -> JSON {
    guard exitCode != 0 else { return ["metadata": [:], "status": "Success"] }
    return [
      "metadata": [:], "status": "Failure",
      "message": .string("command terminated with non-zero exit code: exit status \(exitCode)"),
      "reason": "NonZeroExitCode",
      "details": ["causes": [["reason": "ExitCode", "message": .string("\(exitCode)")]]],
    ]
  }

  static func status(failure: String) -> JSON {
    [
      "metadata": [:], "status": "Failure", "message": .string(failure), "reason": "InternalError",
      "details": ["causes": [["message": .string(failure)]]], "code": 500,
    ]
  }
}
