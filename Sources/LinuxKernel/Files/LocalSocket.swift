internal import Glibc

/// Sockets in the file system (unix(7)).
package enum LocalSocket {
  /// Longest path that fits struct sockaddr_un with its final zero.
  package static let longestPath = 107

  /// A socket that listens at `path`, in place of whatever was there; only root may connect.
  package static func listen(_ path: String, backlog: Int32 = 1024) throws(KernelError) -> FileDescriptor {
    let socket = try FileDescriptor.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue))
    let raw = socket.rawValue
    unlink(path)
    _ = try withAddress(path) { address, length throws(KernelError) in
      try systemCall("bind", path) { bind(raw, address, length) }
    }
    try systemCall("chmod", path) { chmod(path, 0o600) }
    try systemCall("listen", path) { Glibc.listen(raw, backlog) }
    return socket
  }

  /// Whether somebody listens at `path`. The file alone does not say: it appears before, and stays behind.
  package static func isListening(_ path: String) -> Bool {
    guard let socket = try? FileDescriptor.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue))
    else { return false }
    let raw = socket.rawValue
    let connected = try? withAddress(path) { address, length throws(KernelError) in
      // A full backlog is a listener too.
      try nonblockingCall("connect", path) { connect(raw, address, length) }
    }
    return connected != nil
  }

  /// Hands over the address of `path`. ENAMETOOLONG where it has more than ``longestPath`` bytes.
  static func withAddress<Result>(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(KernelError) -> Result
  ) throws(KernelError) -> Result {
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count <= longestPath else {
      throw KernelError(
        errno: ENAMETOOLONG, operation: "socket path", object: path,
        remedy: "a socket's path may have \(longestPath) bytes: use a shorter folder")
    }
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
    let outcome = withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> Swift.Result<Result, KernelError> in
        do throws(KernelError) {
          return .success(try body(address, socklen_t(MemoryLayout<sockaddr_un>.size)))
        } catch {
          return .failure(error)
        }
      }
    }
    return try outcome.get()
  }
}
