internal import CLinux
internal import Glibc

/// TCP connections of the calling thread's network namespace.
package enum ConnectedSocket {
  /// Connects to an address of 4 or 16 bytes in network order. Blocks for at most `seconds`: EAGAIN or EINPROGRESS then.
  package static func stream(
    to address: [UInt8], port: UInt16, seconds: Int
  ) throws(KernelError) -> FileDescriptor {
    precondition(address.count == 4 || address.count == 16, "an address has 4 or 16 bytes")
    let isV4 = address.count == 4
    let socket = try FileDescriptor.socket(isV4 ? AF_INET : AF_INET6, Int32(SOCK_STREAM.rawValue))
    let raw = socket.rawValue
    // Holds for connect() too (socket(7)).
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    try systemCall("setsockopt SO_SNDTIMEO") {
      setsockopt(raw, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
    let bytes = SocketAddress.bytes(address, port: port)
    try systemCall("connect", "port \(port)") {
      bytes.withUnsafeBytes {
        Glibc.connect(raw, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
      }
    }
    return socket
  }
}
