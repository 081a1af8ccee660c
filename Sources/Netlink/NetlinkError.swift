package import LinuxKernel

/// What went wrong between us and the kernel over netlink.
package struct NetlinkError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// The kernel refused a request with this error number.
    case refused(errno: Int32)
    /// Bytes that are no valid netlink message.
    case malformed
    /// The kernel accepted the request but did not answer all of it.
    case incomplete
    /// The state changed while it was listed; list again.
    case interrupted
    /// A socket operation failed with this error number.
    case socket(errno: Int32)
  }

  package let code: Code
  package let message: String
  /// Number of the refused message within what was sent.
  package let messageIndex: Int?
  package let cause: KernelError?
  package let location: String

  package init(
    _ code: Code, _ message: String, messageIndex: Int? = nil, cause: KernelError? = nil,
    file: String = #fileID, line: Int = #line
  ) {
    self.code = code
    self.message = message
    self.messageIndex = messageIndex
    self.cause = cause
    location = "\(file):\(line)"
  }

  init(_ error: KernelError) {
    self.init(.socket(errno: error.errno), "netlink: \(error.message)", cause: error)
  }

  /// The kernel's error number, whoever reported it.
  package var errno: Int32? {
    switch code {
    case .refused(let errno), .socket(let errno): errno
    case .malformed, .incomplete, .interrupted: nil
    }
  }

  package var description: String { message }

  /// The same failure with what was being tried in front.
  package func whileDoing(_ what: String) -> NetlinkError {
    NetlinkError(code, "\(what): \(message)", messageIndex: messageIndex, cause: cause)
  }
}
