import Glibc
import LinuxKernel
import NetworkTypes
import Synchronization

/// A server that takes one connection after the other: it sends each byte back that comes alone, and swallows the rest.
/// With it the two measurements that a client makes of a connection that stands.
final class StreamPeer: Sendable {
  private static let measured = Duration.milliseconds(400)
  private static let block = 128 << 10

  private let listener: FileDescriptor
  private let isStopped = Atomic(false)

  init(in namespace: NetworkNamespace, _ endpoint: SocketEndpoint) throws {
    listener = FileDescriptor(
      adopting: try namespace.run {
        let socket = try BoundSocket.stream(address: endpoint.address.bytes, port: endpoint.port)
        let raw = socket.rawValue
        try systemCall("listen", "\(endpoint)") { listen(raw, 16) }
        return socket.release()
      })
  }

  func stop() { isStopped.store(true, ordering: .releasing) }

  /// Serves until ``stop()``.
  func run() async throws {
    try await BlockingThread.run { [self] in
      let raw = listener.rawValue
      var polled = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
      var buffer = [UInt8](repeating: 0, count: Self.block)
      while !isStopped.load(ordering: .acquiring) {
        guard poll(&polled, 1, 50) > 0 else { continue }
        let connection = try systemCall("accept") { accept(raw, nil, nil) }
        defer { close(connection) }
        while true {
          let count = recv(connection, &buffer, buffer.count, 0)
          guard count > 0 else { break }
          if count == 1 { _ = send(connection, buffer, 1, Int32(MSG_NOSIGNAL)) }
        }
      }
    }
  }

  /// Of one byte there and back, a second.
  static func roundTrips(to target: SocketEndpoint) throws -> Double {
    let connection = try PlainConnection(to: target)
    var buffer: [UInt8] = [0]
    var count = 0
    let begin = ContinuousClock.now
    while ContinuousClock.now - begin < measured {
      try connection.write([1])
      _ = try connection.read(into: &buffer)
      count += 1
    }
    return Double(count) * 1000 / (ContinuousClock.now - begin).milliseconds
  }

  /// Megabits a second of one stream.
  static func throughput(to target: SocketEndpoint) throws -> Double {
    let connection = try PlainConnection(to: target)
    let part = [UInt8](repeating: 7, count: block)
    var bytes = 0
    let begin = ContinuousClock.now
    while ContinuousClock.now - begin < measured {
      try connection.write(part)
      bytes += part.count
    }
    return Double(bytes) * 8 / 1000 / (ContinuousClock.now - begin).milliseconds
  }
}
