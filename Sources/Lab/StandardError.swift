internal import Glibc

/// Words for the person at the terminal, unbuffered.
package enum StandardError {
  package static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(2, bytes, bytes.count)
  }

  package static var isTerminal: Bool { isatty(2) == 1 }
}
