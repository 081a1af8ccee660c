internal import CLinux
internal import Glibc

/// A file descriptor with one owner; it closes itself.
package struct FileDescriptor: ~Copyable, Sendable {
  /// The number, for a call that borrows the descriptor. Never close it.
  package let rawValue: Int32

  /// Takes over a descriptor that nobody else closes.
  package init(adopting rawValue: Int32) {
    precondition(rawValue >= 0, "no descriptor")
    self.rawValue = rawValue
  }

  deinit { _ = Glibc.close(rawValue) }

  /// Gives the number away; the caller closes it.
  package consuming func release() -> Int32 {
    let raw = rawValue
    discard self
    return raw
  }

  /// A second descriptor for the same open file.
  package borrowing func duplicate() throws(KernelError) -> FileDescriptor {
    let raw = rawValue
    return FileDescriptor(
      adopting: try systemCall("fcntl F_DUPFD_CLOEXEC") {
        swb_fcntl_int(raw, F_DUPFD_CLOEXEC, 3)
      })
  }

  /// Opens a path; O_CLOEXEC is always set.
  package static func open(
    _ path: String, _ flags: Int32 = O_RDONLY, mode: UInt32 = 0o644
  ) throws(KernelError) -> FileDescriptor {
    FileDescriptor(adopting: try systemCall("open", path) { Glibc.open(path, flags | O_CLOEXEC, mode) })
  }

  /// Reads at most `count` bytes; an empty result is the end.
  package borrowing func read(upTo count: Int) throws(KernelError) -> [UInt8] {
    let raw = rawValue
    var buffer = [UInt8](repeating: 0, count: count)
    let length = try systemCall("read") { Glibc.read(raw, &buffer, count) }
    buffer.removeSubrange(length...)
    return buffer
  }

  /// Reads until the end. `limit` guards against endless input: EFBIG beyond it.
  package borrowing func readToEnd(limit: Int = 16 << 20) throws(KernelError) -> [UInt8] {
    var content: [UInt8] = []
    while true {
      let part = try read(upTo: 64 << 10)
      if part.isEmpty { return content }
      content += part
      guard content.count <= limit else { throw KernelError(errno: EFBIG, operation: "read") }
    }
  }

  /// The file's length in bytes.
  package borrowing func size() throws(KernelError) -> Int {
    let raw = rawValue
    var status = stat()
    try systemCall("fstat") { fstat(raw, &status) }
    return Int(status.st_size)
  }

  /// Writes all bytes.
  package borrowing func write(_ bytes: [UInt8]) throws(KernelError) {
    let raw = rawValue
    var written = 0
    while written < bytes.count {
      let start = written
      written += try systemCall("write") {
        bytes.withUnsafeBytes { Glibc.write(raw, $0.baseAddress! + start, bytes.count - start) }
      }
    }
  }

  package borrowing func setNonblocking(_ nonblocking: Bool) throws(KernelError) {
    let raw = rawValue
    let flags = try systemCall("fcntl F_GETFL") { swb_fcntl_int(raw, F_GETFL, 0) }
    try systemCall("fcntl F_SETFL") {
      swb_fcntl_int(raw, F_SETFL, nonblocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK)
    }
  }
}

/// Both ends of a pipe, closed at exec.
package struct Pipe: ~Copyable, Sendable {
  package let read: FileDescriptor
  private var writeEnd: FileDescriptor?

  package init() throws(KernelError) {
    var ends: (Int32, Int32) = (-1, -1)
    try systemCall("pipe2") {
      withUnsafeMutableBytes(of: &ends) { swb_pipe($0.baseAddress!.assumingMemoryBound(to: Int32.self)) }
    }
    read = FileDescriptor(adopting: ends.0)
    writeEnd = FileDescriptor(adopting: ends.1)
    write = ends.1
  }

  /// The number of the write end; meaningless once that was closed.
  package let write: Int32

  /// Closes the write end, so that a reader sees the end once the children that hold it have ended.
  package mutating func closeWrite() { writeEnd = nil }

  package borrowing func write(_ bytes: [UInt8]) throws(KernelError) {
    guard writeEnd != nil else { throw KernelError(errno: 32, operation: "write to a closed pipe") }  // EPIPE
    try writeEnd!.write(bytes)
  }
}
