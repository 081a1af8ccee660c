internal import Glibc

enum SocketAddress {
  /// `struct sockaddr_in` (family, port, address) or `struct sockaddr_in6` (family, port, flow, address, scope).
  static func bytes(_ address: [UInt8], port: UInt16) -> [UInt8] {
    let isV4 = address.count == 4
    let family = UInt16(isV4 ? AF_INET : AF_INET6)
    var bytes: [UInt8] = withUnsafeBytes(of: family) { Array($0) }
    bytes += [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)]
    return bytes + (isV4 ? address + [UInt8](repeating: 0, count: 8) : [0, 0, 0, 0] + address + [0, 0, 0, 0])
  }
}
