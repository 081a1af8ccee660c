import Glibc
import LinuxKernel
import NetworkTypes

/// Real connections between network namespaces.
final class TCPProbe {
  private let listener: FileDescriptor
  let endpoint: SocketEndpoint

  /// Listens in a namespace.
  init(in namespace: NetworkNamespace, _ address: IPAddress, port: UInt16 = 8080) throws {
    listener = try namespace.socket(AF_INET, Int32(SOCK_STREAM.rawValue))
    endpoint = SocketEndpoint(address, port)
    let raw = listener.rawValue
    var one: Int32 = 1
    setsockopt(raw, SOL_SOCKET, SO_REUSEADDR, &one, 4)
    try Self.withAddress(endpoint) { address, length in try systemCall("bind") { bind(raw, address, length) } }
    try systemCall("listen") { listen(raw, 16) }
  }

  /// Connects from another namespace within a second.
  /// - Returns: the client's address as the listener sees it, or `nil` where no connection comes about.
  func connect(from namespace: NetworkNamespace) throws -> IPAddress? {
    // SOCK_NONBLOCK
    let client = try namespace.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | 0o4000)
    let raw = client.rawValue
    let isUnderWay = Self.withAddress(endpoint) { address, length -> Bool in
      Glibc.connect(raw, address, length) == 0 || errno == EINPROGRESS
    }
    guard isUnderWay else { return nil }
    var target = pollfd(fd: raw, events: Int16(POLLOUT), revents: 0)
    guard poll(&target, 1, 1000) == 1 else { return nil }
    var failure: Int32 = 0
    var length = socklen_t(4)
    getsockopt(raw, SOL_SOCKET, SO_ERROR, &failure, &length)
    guard failure == 0 else { return nil }
    var peer = sockaddr_in()
    var peerLength = socklen_t(MemoryLayout<sockaddr_in>.size)
    let server = listener.rawValue
    let accepted = try withUnsafeMutablePointer(to: &peer) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        FileDescriptor(adopting: try systemCall("accept") { accept(server, address, &peerLength) }).release()
      }
    }
    close(accepted)
    return IPAddress(family: .v4, value: UInt128(UInt32(bigEndian: peer.sin_addr.s_addr)))
  }

  @discardableResult
  private static func withAddress<Result>(
    _ endpoint: SocketEndpoint, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result
  ) rethrows -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = endpoint.port.bigEndian
    address.sin_addr.s_addr = UInt32(truncatingIfNeeded: endpoint.address.value).bigEndian
    return try withUnsafePointer(to: &address) {
      try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        try body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
