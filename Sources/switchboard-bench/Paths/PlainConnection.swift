import Glibc
import LinuxKernel
import NetworkTypes

/// A blocking socket that is connected, in the calling thread's network namespace; IPv4.
struct PlainConnection: ~Copyable {
  private let socket: FileDescriptor

  /// Throws ``KernelError``: ECONNREFUSED where nobody takes it, EINPROGRESS or EAGAIN where `patience` seconds are over.
  init(_ transport: TransportProtocol = .tcp, to target: SocketEndpoint, patience: Int = 5) throws {
    let kind = transport == .udp ? SOCK_DGRAM : SOCK_STREAM
    let socket = try FileDescriptor.socket(AF_INET, Int32(kind.rawValue))
    let raw = socket.rawValue
    var limit = timeval(tv_sec: patience, tv_usec: 0)
    setsockopt(raw, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(raw, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    if transport == .tcp {
      var yes: Int32 = 1
      setsockopt(raw, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = target.port.bigEndian
    address.sin_addr.s_addr = UInt32(truncatingIfNeeded: target.address.value).bigEndian
    try systemCall("connect", "\(target)") {
      withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(raw, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
    self.socket = socket
  }

  /// Makes the close a reset, so that no port is left waiting.
  func leaveAtOnce() {
    var setting = linger(l_onoff: 1, l_linger: 0)
    setsockopt(socket.rawValue, SOL_SOCKET, SO_LINGER, &setting, socklen_t(MemoryLayout<linger>.size))
  }

  func write(_ bytes: [UInt8]) throws {
    let raw = socket.rawValue
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = try rest.withUnsafeBytes { part in
        try systemCall("send") { send(raw, part.baseAddress, part.count, Int32(MSG_NOSIGNAL)) }
      }
      rest = rest.dropFirst(sent)
    }
  }

  /// What is there, up to the buffer's size; 0 at the end.
  func read(into buffer: inout [UInt8]) throws -> Int {
    let (raw, size) = (socket.rawValue, buffer.count)
    return try buffer.withUnsafeMutableBytes { part in
      try systemCall("recv") { recv(raw, part.baseAddress, size, 0) }
    }
  }
}
