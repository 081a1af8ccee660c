/// Why a figure could not be measured.
struct BenchError: Error, CustomStringConvertible {
  enum Code: Sendable, Hashable {
    /// A measurement that belongs into a lab was started elsewhere.
    case notInLab
    /// Something did not happen within its time.
    case timedOut
    /// The system under test did what makes the figure meaningless.
    case unexpected
    /// The samples cannot be read.
    case malformed
  }

  let code: Code
  let message: String
  let cause: (any Error)?
  let location: String

  init(
    _ code: Code, _ message: String, cause: (any Error)? = nil, file: String = #fileID, line: Int = #line
  ) {
    self.code = code
    self.message = message
    self.cause = cause
    location = "\(file):\(line)"
  }

  var description: String { cause.map { "\(message): \($0)" } ?? message }
}
