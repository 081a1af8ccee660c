internal import CLinux
internal import Glibc
internal import Synchronization

/// Sockets that a supervisor or systemd lent us: LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES (sd_listen_fds(3)).
package final class InheritedSockets: Sendable {
  private let remaining: Mutex<[(name: String, descriptor: Int32)]>

  private init(_ sockets: [(name: String, descriptor: Int32)]) { remaining = Mutex(sockets) }

  /// Takes over what was passed to this process and removes the announcement from the environment. Call once, early,
  /// before other threads exist. Nothing passed, or passed to another process: an empty set.
  package static func adopt() -> InheritedSockets {
    func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    let count = variable("LISTEN_FDS").flatMap { Int32($0) } ?? 0
    let isOurs = variable("LISTEN_PID").flatMap { Int32($0) } == getpid()
    let names = (variable("LISTEN_FDNAMES") ?? "").split(separator: ":", omittingEmptySubsequences: false)
    for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) }
    guard isOurs, (1...1024).contains(count) else { return InheritedSockets([]) }
    return InheritedSockets(
      (0..<count).map { index in
        let descriptor = 3 + index
        _ = swb_fcntl_int(descriptor, F_SETFD, FD_CLOEXEC)
        return (index < names.count ? String(names[Int(index)]) : "unknown", descriptor)
      })
  }

  /// The names still to be taken.
  package var names: [String] { remaining.withLock { $0.map(\.name) } }

  /// Gives the socket of that name away, once; `nil` where none was passed.
  package func take(_ name: String) -> FileDescriptor? {
    let raw = remaining.withLock { sockets -> Int32? in
      guard let index = sockets.firstIndex(where: { $0.name == name }) else { return nil }
      return sockets.remove(at: index).descriptor
    }
    guard let raw else { return nil }
    return FileDescriptor(adopting: raw)
  }

  deinit { for (_, descriptor) in remaining.withLock({ $0 }) { close(descriptor) } }
}
