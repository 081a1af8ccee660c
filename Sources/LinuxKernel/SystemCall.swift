internal import Glibc

/// Runs a system call that reports failure as -1. The one place that reads `errno`.
///
/// `errno` is read at once, EINTR is retried, EBADF traps (a descriptor of ours was closed behind our back: going on
/// could write into a stranger's file), everything else is thrown with the operation and its object.
@discardableResult
package func systemCall<Result: FixedWidthInteger & SignedInteger>(
  _ operation: StaticString, _ object: @autoclosure () -> String = "",
  file: String = #fileID, line: Int = #line, _ body: () -> Result
) throws(KernelError) -> Result {
  while true {
    let result = body()
    if result != -1 { return result }
    let code = errno
    if code == EINTR { continue }
    precondition(code != EBADF, "\(operation) \(object()): the descriptor is closed already")
    throw KernelError(errno: code, operation: "\(operation)", object: object(), file: file, line: line)
  }
}

/// As ``systemCall(_:_:file:line:_:)``, but `nil` where the call would block (EAGAIN).
package func nonblockingCall<Result: FixedWidthInteger & SignedInteger>(
  _ operation: StaticString, _ object: @autoclosure () -> String = "",
  file: String = #fileID, line: Int = #line, _ body: () -> Result
) throws(KernelError) -> Result? {
  do {
    return try systemCall(operation, object(), file: file, line: line, body)
  } catch {
    if error.errno == EAGAIN { return nil }
    throw error
  }
}
