import LinuxKernel
import NetworkTypes

/// A socket with its descriptor, shared by those who use it.
final class OwnedSocket: Sendable {
  let descriptor: FileDescriptor

  init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
}

/// The sockets to serve on: those a supervisor lent, else own ones.
struct NameServerSockets {
  private(set) var datagram: [OwnedSocket] = []
  private(set) var stream: [OwnedSocket] = []

  init(_ addresses: [SocketEndpoint], inherited: InheritedSockets?) throws {
    while let socket = inherited?.take("dns-udp") { datagram.append(OwnedSocket(socket)) }
    while let socket = inherited?.take("dns-tcp") { stream.append(OwnedSocket(socket)) }
    if datagram.isEmpty {
      datagram = try addresses.map {
        OwnedSocket(try BoundSocket.datagram(address: $0.address.bytes, port: $0.port))
      }
    }
    if stream.isEmpty {
      stream = try addresses.map { OwnedSocket(try BoundSocket.stream(address: $0.address.bytes, port: $0.port)) }
    }
    guard !datagram.isEmpty else {
      throw NameServerError(
        .noSocket, "no address to serve names on; pass sockets named dns-udp and dns-tcp, or set an address")
    }
  }
}
