internal import Glibc
internal import LinuxKernel
package import NetworkTypes

/// What a client saw of a service made of ``EchoServer``s.
package enum ProbeResult: Hashable, Sendable {
  /// Who answered, and which address it saw the client at.
  case answered(by: SocketEndpoint, seenAs: IPAddress)
  case refused
  case timedOut
  /// Any other error number.
  case failed(Int32)

  package var endpoint: SocketEndpoint? { if case .answered(let endpoint, _) = self { endpoint } else { nil } }
  package var seenAs: IPAddress? { if case .answered(_, let address) = self { address } else { nil } }
}

/// A client socket (IPv4). Blocking calls with a time limit, for the calling thread's network namespace.
package struct Probe: ~Copyable {
  private let descriptor: FileDescriptor
  private let transport: TransportProtocol

  /// - Parameter source: address and port to send from; without it, the kernel's choice.
  package init(
    _ transport: TransportProtocol, from source: SocketEndpoint? = nil, patience: Duration = .seconds(3)
  ) throws {
    self.transport = transport
    let kind = transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
    let socket = try FileDescriptor.socket(AF_INET, Int32(kind.rawValue))
    let raw = socket.rawValue
    let (seconds, attoseconds) = patience.components
    var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    setsockopt(raw, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(raw, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    if let source {
      try systemCall("bind", "\(source)") { SocketAddress(source).withPointer { Glibc.bind(raw, $0, $1) } }
    }
    descriptor = socket
  }

  /// Opens a flow towards the address and asks who answers. A UDP probe may ask again and again from its port.
  package borrowing func ask(_ target: SocketEndpoint) -> ProbeResult {
    let raw = descriptor.rawValue
    guard SocketAddress(target).withPointer({ Glibc.connect(raw, $0, $1) }) == 0 else { return failure() }
    if transport == .udp {
      var byte: UInt8 = 1
      guard send(raw, &byte, 1, Int32(MSG_NOSIGNAL)) == 1 else { return failure() }
    }
    var buffer = [UInt8](repeating: 0, count: 64)
    let count = recv(raw, &buffer, buffer.count, 0)
    guard count > 0 else { return count == 0 ? .failed(0) : failure() }
    let words = String(decoding: buffer[0..<count], as: UTF8.self).split(separator: " ")
    guard words.count == 3, let address = IPAddress(words[0]), let port = UInt16(words[1]),
      let seen = IPAddress(words[2])
    else { return .failed(EBADMSG) }
    return .answered(by: SocketEndpoint(address, port), seenAs: seen)
  }

  private borrowing func failure() -> ProbeResult {
    switch errno {
    case ECONNREFUSED: .refused
    case EAGAIN, EINPROGRESS, ETIMEDOUT: .timedOut
    case let code: .failed(code)
    }
  }

  /// One fresh flow.
  package static func ask(_ transport: TransportProtocol, _ target: SocketEndpoint) -> ProbeResult {
    guard let probe = try? Probe(transport) else { return .failed(EMFILE) }
    return probe.ask(target)
  }
}

/// `sockaddr_in`.
struct SocketAddress {
  private var storage = sockaddr_in()

  init(_ endpoint: SocketEndpoint) {
    storage.sin_family = sa_family_t(AF_INET)
    storage.sin_port = endpoint.port.bigEndian
    storage.sin_addr.s_addr = UInt32(truncatingIfNeeded: endpoint.address.value).bigEndian
  }

  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafeBytes(of: storage) {
      body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
  }

  /// The peer's address as a system call fills it in.
  static func read(_ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int) -> (Int, IPAddress)
  {
    var storage = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutableBytes(of: &storage) {
      body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
    }
    return (result, IPAddress(family: .v4, value: UInt128(UInt32(bigEndian: storage.sin_addr.s_addr))))
  }
}
