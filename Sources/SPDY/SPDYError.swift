/// Why a SPDY connection, or one stream of it, came to its end.
package struct SPDYError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// The peer sent what the protocol does not know. The connection cannot go on.
    case protocolViolation
    /// A frame, a header block or the number of streams passes its bound.
    case tooLarge
    /// The peer gave up the stream, for the reason that `RST_STREAM` numbers.
    case streamReset(UInt32)
    /// The connection is closed.
    case connectionClosed
    /// This side has ended the stream before.
    case streamFinished
  }

  package let code: Code
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
