import Glibc
import Testing

enum ListeningSocket {
  /// A socket of this machine that listens on a port of its own. Whoever takes it closes it.
  static func open() throws -> (socket: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length) | Glibc.listen(descriptor, 16) | getsockname(descriptor, pointer, &length)
      }
    }
    try #require(descriptor >= 0 && result == 0)
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }
}
