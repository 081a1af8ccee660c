import Glibc
import LinuxKernel
import NetworkTypes

/// Real connections between network namespaces.
final class TCPProbe {
  private let listener: FileDescriptor
  let endpoint: SocketEndpoint

  /// Listens in a namespace.
  init(in namespace: NetworkNamespace, _ address: IPAddress, port: UInt16 = 8080) throws {
    endpoint = SocketEndpoint(address, port)
    let raw = try namespace.run { try BoundSocket.stream(address: address.bytes, port: port).release() }
    listener = FileDescriptor(adopting: raw)
    try systemCall("listen") { listen(raw, 16) }
  }

  /// Connects from another namespace within a second.
  /// - Returns: the client's address as the listener sees it, or `nil` where no connection comes about.
  func connect(from namespace: NetworkNamespace) throws -> IPAddress? {
    let (address, port) = (endpoint.address.bytes, endpoint.port)
    let client: Int32
    do {
      client = try namespace.run { try ConnectedSocket.stream(to: address, port: port, seconds: 1).release() }
    } catch is KernelError {
      return nil
    }
    defer { close(client) }
    var peer = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let server = listener.rawValue
    let accepted = try withUnsafeMutablePointer(to: &peer) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        FileDescriptor(adopting: try systemCall("accept") { accept(server, address, &length) }).release()
      }
    }
    close(accepted)
    return withUnsafeBytes(of: peer) { bytes in
      IPAddress(bytes: peer.sin6_family == sa_family_t(AF_INET) ? bytes[4..<8] : bytes[8..<24])
    }
  }
}
