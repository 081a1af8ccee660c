import Glibc
import LinuxKernel
import NetworkTypes
import Synchronization

/// Requests at a steady rate from a node's network namespace: each asks for the name, connects anew, and is not repeated.
final class NamedRequests: Sendable {
  struct Tally: Sendable {
    var answered = 0
    /// What each failure was.
    var failures: [String] = []
    var slowest = Duration.zero
  }

  private static let threads = 8

  private let namespace: NetworkNamespace
  private let server: SocketEndpoint
  private let name: [String]
  private let port: UInt16
  private let isOver = Atomic(false)
  private let tally = Mutex(Tally())

  /// - Parameters:
  ///   - server: the cluster's DNS.
  ///   - name: the Service's, label by label.
  init(from namespace: NetworkNamespace, server: SocketEndpoint, name: [String], port: UInt16) {
    self.namespace = namespace
    self.server = server
    self.name = name
    self.port = port
  }

  /// Sends `rate` requests a second while `body` runs. A thread that falls behind makes up for it.
  func send(rate: Int, during body: @escaping @Sendable () async throws -> Void) async throws -> Tally {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for thread in 0..<Self.threads {
        let pause = Duration.seconds(1) * Self.threads / rate
        group.addTask { [self] in
          try await BlockingThread.run {
            try self.namespace.run { self.repeatRequests(pause, after: pause * thread / Self.threads) }
          }
        }
      }
      defer { isOver.store(true, ordering: .releasing) }
      try await body()
      isOver.store(true, ordering: .releasing)
      try await group.waitForAll()
    }
    return tally.withLock { $0 }
  }

  private func repeatRequests(_ pause: Duration, after delay: Duration) {
    var next = ContinuousClock.now + delay
    while !isOver.load(ordering: .acquiring) {
      // The thread is this loop's own: it may sleep, and keeps to the rate.
      let wait = next - .now
      if wait > .zero { usleep(UInt32(wait.milliseconds * 1000)) }
      next += pause
      let begin = ContinuousClock.now
      let failure: String?
      do {
        failure = try request()
      } catch {
        failure = "\(error)"
      }
      let time = ContinuousClock.now - begin
      tally.withLock { tally in
        tally.slowest = max(tally.slowest, time)
        if let failure { tally.failures.append(failure) } else { tally.answered += 1 }
      }
    }
  }

  /// What went wrong, where the request itself did not fail.
  private func request() throws -> String? {
    let connection = try PlainConnection(to: SocketEndpoint(try address(), port))
    try connection.write(Array("GET / HTTP/1.0\r\n\r\n".utf8))
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = try connection.read(into: &buffer)
      guard count > 0 else { break }
      answer += buffer[0..<count]
    }
    let line = String(decoding: answer.prefix { $0 != 0x0d }, as: UTF8.self)
    return line.contains(" 200 ") ? nil : "the answer begins with \"\(line)\""
  }

  /// The first address of an answer to one question (RFC 1035, section 4).
  private func address() throws -> IPAddress {
    var query: [UInt8] = [0x5a, 0xa5, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    for label in name { query += [UInt8(label.utf8.count)] + Array(label.utf8) }
    query += [0, 0, 1, 0, 1]
    let connection = try PlainConnection(.udp, to: server)
    try connection.write(query)
    var answer = [UInt8](repeating: 0, count: 1232)
    let count = try connection.read(into: &answer)
    // One answer: a pointer to the name, type, class, lifetime, length, and the four bytes.
    guard count >= query.count + 16, answer[0..<2] == query[0..<2], answer[3] & 0x0f == 0, answer[7] > 0 else {
      throw BenchError(.unexpected, "\(name.joined(separator: ".")) has no address")
    }
    let end = answer[(query.count + 12)..<(query.count + 16)]
    return IPAddress(family: .v4, value: end.reduce(0) { $0 << 8 | UInt128($1) })
  }
}
