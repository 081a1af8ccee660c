internal import Glibc
internal import NetworkTypes

/// `sockaddr_in` or `sockaddr_in6`, as bytes.
struct ProbeAddress {
  private var bytes: [UInt8]

  init(_ endpoint: SocketEndpoint) {
    let isV4 = endpoint.address.family == .v4
    bytes = withUnsafeBytes(of: UInt16(isV4 ? AF_INET : AF_INET6)) { Array($0) }
    bytes += [UInt8(endpoint.port >> 8), UInt8(truncatingIfNeeded: endpoint.port)]
    bytes += isV4 ? endpoint.address.bytes + [UInt8](repeating: 0, count: 8) : [0, 0, 0, 0] + endpoint.address.bytes
    if !isV4 { bytes += [0, 0, 0, 0] }
  }

  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    bytes.withUnsafeBytes { body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count)) }
  }

  /// The peer's address as a system call fills it in.
  static func read(
    _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int
  ) -> (result: Int, peer: SocketEndpoint?) {
    var bytes = [UInt8](repeating: 0, count: 28)
    var length = socklen_t(bytes.count)
    let result = bytes.withUnsafeMutableBytes {
      body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
    }
    let isV4 = withUnsafeBytes(of: UInt16(AF_INET)) { Array($0) } == Array(bytes[0..<2])
    let port = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
    return (result, IPAddress(bytes: isV4 ? bytes[4..<8] : bytes[8..<24]).map { SocketEndpoint($0, port) })
  }

  /// AF_INET or AF_INET6.
  static func domain(_ family: IPAddress.Family) -> Int32 { family == .v4 ? AF_INET : AF_INET6 }
}
