import Lab

/// Progress of a command: one line that changes on a terminal, plain lines elsewhere. Goes to standard error, so that the
/// result alone is on standard output.
struct Progress: Sendable {
  private let isTerminal = StandardError.isTerminal

  func step(_ text: String) { StandardError.write(isTerminal ? "\r\u{1b}[K\(text) …" : "\(text)\n") }

  /// Ends the changing line with the result.
  func done(_ text: String) { StandardError.write(isTerminal ? "\r\u{1b}[K\(text)\n" : "\(text)\n") }

  func fail(_ text: String) { StandardError.write(isTerminal ? "\r\u{1b}[K\(text)\n" : "\(text)\n") }

  /// `2.4 s`.
  static func seconds(_ duration: Duration) -> String {
    let tenths = duration.components.seconds * 10 + duration.components.attoseconds / 100_000_000_000_000_000
    return "\(tenths / 10).\(tenths % 10) s"
  }
}
