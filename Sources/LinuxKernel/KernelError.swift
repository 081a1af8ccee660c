internal import Glibc

/// What the kernel refused: the error number, the operation and the object it was about.
package struct KernelError: Error, Sendable, CustomStringConvertible {
  /// `errno` as the call left it; 0 where the fault is not a system call's.
  package let errno: Int32
  /// The system call or the step, such as `setns`.
  package let operation: String
  /// What it was done to: a path, an interface, a process. Empty where there is nothing to name.
  package let object: String
  /// What the reader can do about it.
  package let remedy: String?
  package let location: String

  package init(
    errno: Int32, operation: String, object: String = "", remedy: String? = nil,
    file: String = #fileID, line: Int = #line
  ) {
    self.errno = errno
    self.operation = operation
    self.object = object
    self.remedy = remedy ?? Self.remedy(for: errno)
    location = "\(file):\(line)"
  }

  package var message: String {
    var text = operation
    if !object.isEmpty { text += " \(object)" }
    if errno != 0 { text += ": \(Self.text(of: errno))" }
    if let remedy { text += "; \(remedy)" }
    return text
  }

  package var description: String { message }

  /// The kernel's words for an error number.
  package static func text(of errno: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(errno, &buffer, buffer.count) == 0 else { return "error \(errno)" }
    return buffer.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  private static func remedy(for errno: Int32) -> String? {
    switch errno {
    case EPERM, EACCES: "run as root with CAP_SYS_ADMIN and CAP_NET_ADMIN"
    case EMFILE: "raise the limit of open files (LimitNOFILE, ulimit -n)"
    case ENOSYS, EOPNOTSUPP: "this kernel lacks the feature; `switchboard doctor` lists what is needed"
    default: nil
    }
  }
}
