import Glibc
import LinuxKernel
import NetworkTypes

/// Connects over TCP from a network namespace.
struct ConnectionProbe: Sendable {
  let namespace: NetworkNamespace
  let target: SocketEndpoint
  /// Milliseconds that one attempt may take. One that was sent before the rules were there is lost, and must not be waited
  /// for.
  var patience: Int32 = 20

  private static let limit = Duration.seconds(10)
  /// Microseconds between attempts; by so much, and the timer's slack of as much, a connection may be found late.
  private static let pause: UInt32 = 50

  /// Tries again and again from `signal` on; returns when the first connection was there, or `nil` where it was called
  /// off.
  func firstConnection(after signal: StartSignal) async throws -> ContinuousClock.Instant? {
    try await BlockingThread.run {
      try namespace.run {
        guard try signal.wait() else { return nil }
        return try repeated(until: true)
      }
    }
  }

  /// Returns once an attempt is refused.
  func awaitRefusal() async throws {
    try await BlockingThread.run { _ = try namespace.run { try repeated(until: false) } }
  }

  /// Returns once an attempt is taken.
  func awaitConnection() async throws {
    try await BlockingThread.run { _ = try namespace.run { try repeated(until: true) } }
  }

  /// How many milliseconds each of `count` connections takes.
  func durations(_ count: Int) async throws -> [Double] {
    try await BlockingThread.run {
      try namespace.run {
        try (0..<count).map { _ in
          let begin = ContinuousClock.now
          guard try attempt() else { throw BenchError(.unexpected, "\(target) does not take a connection") }
          return (.now - begin).milliseconds
        }
      }
    }
  }

  private func repeated(until isConnected: Bool) throws -> ContinuousClock.Instant {
    let deadline = ContinuousClock.now + Self.limit
    while true {
      let outcome = try attempt()
      let now = ContinuousClock.now
      if outcome == isConnected { return now }
      // An attempt that is refused ends at once: without a pause the next ones would take a whole processor from those who
      // are to make the change.
      usleep(Self.pause)
      guard now < deadline else {
        throw BenchError(
          .timedOut, "\(target) still \(isConnected ? "takes no" : "takes") connections after \(Self.limit)")
      }
    }
  }

  /// One connection, in the calling thread's namespace; closed at once.
  private func attempt() throws -> Bool {
    let socket = try FileDescriptor.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue))
    let raw = socket.rawValue
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = target.port.bigEndian
    address.sin_addr.s_addr = UInt32(truncatingIfNeeded: target.address.value).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(raw, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if result == 0 { return true }
    guard errno == EINPROGRESS else { return try refused(errno) }
    var polled = pollfd(fd: raw, events: Int16(POLLOUT), revents: 0)
    guard poll(&polled, 1, patience) == 1 else { return false }
    var failure: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(raw, SOL_SOCKET, SO_ERROR, &failure, &length)
    return failure == 0 ? true : try refused(failure)
  }

  private func refused(_ code: Int32) throws -> Bool {
    guard code == ECONNREFUSED || code == EHOSTUNREACH || code == ENETUNREACH else {
      throw KernelError(errno: code, operation: "connect", object: "\(target)")
    }
    return false
  }
}
