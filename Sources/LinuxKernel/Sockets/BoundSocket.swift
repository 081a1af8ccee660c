internal import CLinux
internal import Glibc

/// Sockets bound to an address, for servers.
package enum BoundSocket {
  /// A UDP socket on an address of 4 or 16 bytes in network order. The address need not be there yet (IP_FREEBIND):
  /// whoever brings it up may come later. Port 0 lets the kernel choose.
  package static func datagram(address: [UInt8], port: UInt16) throws(KernelError) -> FileDescriptor {
    try open(Int32(SOCK_DGRAM.rawValue), address: address, port: port)
  }

  /// A TCP socket, bound and not yet listening.
  /// - Parameter bothFamilies: whether one on all addresses of IPv6 takes connections to those of IPv4 as well.
  package static func stream(
    address: [UInt8], port: UInt16, bothFamilies: Bool = false
  ) throws(KernelError) -> FileDescriptor {
    try open(Int32(SOCK_STREAM.rawValue), address: address, port: port, bothFamilies: bothFamilies)
  }

  /// Makes every datagram carry the local address it was sent to, so that the answer leaves from there. Needed only
  /// where the socket is bound to all addresses, harmless elsewhere.
  package static func requestLocalAddresses(_ socket: borrowing FileDescriptor) throws(KernelError) {
    let raw = socket.rawValue
    let isV4 = try local(of: socket).address.count == 4
    try systemCall("setsockopt PKTINFO") { swb_request_packet_info(raw, isV4 ? AF_INET : AF_INET6) }
  }

  /// Asks for a receive buffer of that many bytes; the kernel gives what it allows.
  package static func setReceiveBuffer(_ socket: borrowing FileDescriptor, bytes: Int32) throws(KernelError) {
    try set(socket.rawValue, SOL_SOCKET, SO_RCVBUF, bytes)
  }

  /// The address and the port a socket is bound to.
  package static func local(
    of socket: borrowing FileDescriptor
  ) throws(KernelError) -> (address: [UInt8], port: UInt16) {
    let raw = socket.rawValue
    var storage = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    try systemCall("getsockname") {
      withUnsafeMutablePointer(to: &storage) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(raw, $0, &length) }
      }
    }
    return withUnsafeBytes(of: storage) { bytes in
      let port = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
      return (Array(storage.sin6_family == sa_family_t(AF_INET) ? bytes[4..<8] : bytes[8..<24]), port)
    }
  }

  private static func open(
    _ type: Int32, address: [UInt8], port: UInt16, bothFamilies: Bool = false
  ) throws(KernelError) -> FileDescriptor {
    precondition(address.count == 4 || address.count == 16, "an address has 4 or 16 bytes")
    let isV4 = address.count == 4
    let name = "\(address.map(String.init).joined(separator: ".")) port \(port)"
    let socket = FileDescriptor(
      adopting: try systemCall("socket") {
        Glibc.socket(isV4 ? AF_INET : AF_INET6, type | Int32(SOCK_CLOEXEC.rawValue), 0)
      })
    let raw = socket.rawValue
    try set(raw, SOL_SOCKET, SO_REUSEADDR, 1)
    // linux/in.h: IP_FREEBIND 15; linux/in6.h: IPV6_FREEBIND 78, IPV6_V6ONLY 26.
    try isV4 ? set(raw, Int32(IPPROTO_IP), 15, 1) : set(raw, Int32(IPPROTO_IPV6), 78, 1)
    if !isV4 { try set(raw, Int32(IPPROTO_IPV6), 26, bothFamilies ? 0 : 1) }
    let bytes = SocketAddress.bytes(address, port: port)
    try systemCall("bind", name) {
      bytes.withUnsafeBytes {
        Glibc.bind(raw, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
      }
    }
    return socket
  }

  private static func set(_ raw: Int32, _ level: Int32, _ option: Int32, _ value: Int32) throws(KernelError) {
    var value = value
    try systemCall("setsockopt", "\(option)") {
      setsockopt(raw, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
  }
}
