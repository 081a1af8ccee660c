import Glibc
import LinuxKernel
import NetworkTypes

/// Single datagrams between network namespaces, of which nobody on the way may make two.
enum Datagram {
  /// Sends one of so many bytes to an address of another namespace.
  /// - Returns: how many arrived within a second; 0 where none did.
  static func send(
    _ size: Int, from sender: NetworkNamespace, to address: IPAddress, in receiver: NetworkNamespace
  ) throws -> Int {
    let port: UInt16 = 9000
    let server = FileDescriptor(
      adopting: try receiver.run { try BoundSocket.datagram(address: address.bytes, port: port).release() })
    let isV4 = address.family == .v4
    let client = try sender.socket(isV4 ? AF_INET : AF_INET6, Int32(SOCK_DGRAM.rawValue))
    let (raw, serverRaw) = (client.rawValue, server.rawValue)
    // linux/in.h: IP_MTU_DISCOVER 10, linux/in6.h: IPV6_MTU_DISCOVER 23; 2 is "never cut".
    var never: Int32 = 2
    setsockopt(raw, Int32(isV4 ? IPPROTO_IP : IPPROTO_IPV6), isV4 ? 10 : 23, &never, 4)
    var name = sockaddr_in6()
    withUnsafeMutableBytes(of: &name) { bytes in
      let head = withUnsafeBytes(of: sa_family_t(isV4 ? AF_INET : AF_INET6)) { Array($0) }
      let all =
        head + [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)] + (isV4 ? [] : [0, 0, 0, 0]) + address.bytes
      bytes.copyBytes(from: all)
    }
    let length = socklen_t(isV4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size)
    let payload = [UInt8](repeating: 7, count: size)
    try withUnsafePointer(to: &name) {
      try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        _ = try systemCall("sendto") { sendto(raw, payload, payload.count, 0, address, length) }
      }
    }
    guard try !Descriptors.waitReadable([serverRaw], milliseconds: 1000).isEmpty else { return 0 }
    var buffer = [UInt8](repeating: 0, count: 4096)
    return recv(serverRaw, &buffer, buffer.count, 0)
  }
}
