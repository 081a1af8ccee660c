import Glibc
import LinuxKernel
import NetworkTypes

/// A DNS client that blocks, on a thread of its own.
struct TestClient: Sendable {
  let server: SocketEndpoint

  /// One question over UDP; `nil` where no reply came within two seconds.
  func ask(_ query: [UInt8]) async throws -> TestReply? {
    try await BlockingThread.run {
      let socket = try connected(SOCK_DGRAM)
      defer { close(socket) }
      send(socket, query, query.count, 0)
      var reply = [UInt8](repeating: 0, count: 4096)
      let count = recv(socket, &reply, reply.count, 0)
      return count > 0 ? TestReply(bytes: Array(reply[..<count])) : nil
    }
  }

  /// Questions over one TCP connection, sent at once; replies in the order they came.
  func askStreamed(_ queries: [[UInt8]]) async throws -> [TestReply] {
    try await BlockingThread.run {
      let socket = try connected(SOCK_STREAM)
      defer { close(socket) }
      let sent = queries.flatMap { [UInt8($0.count >> 8), UInt8(truncatingIfNeeded: $0.count)] + $0 }
      // In small pieces, so that lengths and messages arrive apart.
      for start in stride(from: 0, to: sent.count, by: 7) {
        let piece = Array(sent[start..<min(start + 7, sent.count)])
        send(socket, piece, piece.count, Int32(MSG_NOSIGNAL))
      }
      var replies: [TestReply] = []
      while replies.count < queries.count, let length = read(socket, 2) {
        guard let bytes = read(socket, Int(length[0]) << 8 | Int(length[1])) else { break }
        replies.append(TestReply(bytes: bytes))
      }
      return replies
    }
  }

  private func read(_ socket: Int32, _ count: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count < count {
      var part = [UInt8](repeating: 0, count: count - bytes.count)
      let received = recv(socket, &part, part.count, 0)
      guard received > 0 else { return nil }
      bytes += part[..<received]
    }
    return bytes
  }

  private func connected(_ type: __socket_type) throws -> Int32 {
    let descriptor = try systemCall("socket") { socket(AF_INET, Int32(type.rawValue), 0) }
    var timeout = timeval(tv_sec: 2, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = server.port.bigEndian
    address.sin_addr.s_addr = UInt32(truncatingIfNeeded: server.address.value).bigEndian
    try systemCall("connect", "\(server)") {
      withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
    return descriptor
  }
}
