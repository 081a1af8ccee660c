internal import CLinux
internal import Glibc

/// Stream sockets in the file system.
package enum UnixSocket {
  /// Connects; ENOENT and ECONNREFUSED mean that nobody listens.
  package static func connect(to path: String) throws(KernelError) -> FileDescriptor {
    let socket = try FileDescriptor.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue))
    let raw = socket.rawValue
    _ = try LocalSocket.withAddress(path) { (address, length) throws(KernelError) in
      try systemCall("connect", path) { Glibc.connect(raw, address, length) }
    }
    return socket
  }

  /// Sends all bytes. Where the other side has gone the error is EPIPE, and no signal is raised.
  package static func send(_ bytes: [UInt8], to socket: borrowing FileDescriptor) throws(KernelError) {
    let raw = socket.rawValue
    var sent = 0
    while sent < bytes.count {
      let start = sent
      sent += try systemCall("send", "unix socket") {
        bytes.withUnsafeBytes {
          Glibc.send(raw, $0.baseAddress! + start, bytes.count - start, Int32(MSG_NOSIGNAL))
        }
      }
    }
  }

  /// Ends what we send; the other side reads the end of the stream.
  package static func finishWriting(_ socket: borrowing FileDescriptor) throws(KernelError) {
    let raw = socket.rawValue
    try systemCall("shutdown", "unix socket") { shutdown(raw, Int32(SHUT_WR)) }
  }

  /// Bounds how long a read and a write may block: EAGAIN after that.
  package static func setTimeout(_ socket: borrowing FileDescriptor, seconds: Int) throws(KernelError) {
    let raw = socket.rawValue
    var time = timeval(tv_sec: seconds, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      try systemCall("setsockopt", "timeout") {
        setsockopt(raw, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
      }
    }
  }
}

/// A listening unix socket whose `accept` can be ended from elsewhere.
package final class UnixListener: Sendable {
  private let socket: FileDescriptor
  private let wake: FileDescriptor
  /// The path made by ``init(path:)``; a socket that was lent to us stays.
  private let ownPath: String?

  /// Listens on a path; a stale socket there is replaced. Only root may connect. The folder must exist.
  package init(path: String) throws(KernelError) {
    let socket = try LocalSocket.listen(path)
    try socket.setNonblocking(true)
    self.socket = socket
    wake = try Self.makeWake()
    ownPath = path
  }

  /// Takes over a socket that listens already.
  package init(adopting socket: consuming FileDescriptor) throws(KernelError) {
    try socket.setNonblocking(true)
    self.socket = socket
    wake = try Self.makeWake()
    ownPath = nil
  }

  private static func makeWake() throws(KernelError) -> FileDescriptor {
    FileDescriptor(adopting: try systemCall("eventfd") { swb_eventfd() })
  }

  /// Blocks until somebody connects; `nil` after ``close()``.
  package func accept() throws(KernelError) -> FileDescriptor? {
    while true {
      var targets = [
        pollfd(fd: socket.rawValue, events: Int16(POLLIN), revents: 0),
        pollfd(fd: wake.rawValue, events: Int16(POLLIN), revents: 0),
      ]
      try systemCall("poll", "unix socket") { poll(&targets, 2, -1) }
      if targets[1].revents != 0 { return nil }
      let raw = socket.rawValue
      // SOCK_CLOEXEC; another process that shares the socket may have been quicker.
      if let accepted = try nonblockingCall("accept", "unix socket", { swb_accept(raw) }) {
        return FileDescriptor(adopting: accepted)
      }
    }
  }

  /// Ends ``accept()``, now and for good.
  package func close() {
    var one: UInt64 = 1
    _ = Glibc.write(wake.rawValue, &one, 8)
  }

  deinit { if let ownPath { unlink(ownPath) } }
}
