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

/// A client socket. Blocking calls with a time limit, for the calling thread's network namespace.
package struct Probe: ~Copyable {
  private let descriptor: FileDescriptor
  private let transport: TransportProtocol

  /// - Parameter source: address and port to send from; without it, the kernel's choice.
  package init(
    _ transport: TransportProtocol, _ family: IPAddress.Family = .v4, from source: SocketEndpoint? = nil,
    patience: Duration = .seconds(3)
  ) throws {
    self.transport = transport
    let kind = transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
    let socket = try FileDescriptor.socket(ProbeAddress.domain(source?.address.family ?? family), Int32(kind.rawValue))
    let raw = socket.rawValue
    let (seconds, attoseconds) = patience.components
    var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    setsockopt(raw, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(raw, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    if let source {
      try systemCall("bind", "\(source)") { ProbeAddress(source).withPointer { Glibc.bind(raw, $0, $1) } }
    }
    descriptor = socket
  }

  /// Opens a flow towards the address and asks who answers. A UDP probe may ask again and again from its port.
  package borrowing func ask(_ target: SocketEndpoint) -> ProbeResult {
    let raw = descriptor.rawValue
    guard ProbeAddress(target).withPointer({ Glibc.connect(raw, $0, $1) }) == 0 else { return failure() }
    if transport == .udp {
      var byte: UInt8 = 1
      guard send(raw, &byte, 1, Int32(MSG_NOSIGNAL)) == 1 else { return failure() }
    }
    var buffer = [UInt8](repeating: 0, count: 128)
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
  package static func ask(
    _ transport: TransportProtocol, _ target: SocketEndpoint, patience: Duration = .seconds(3)
  ) -> ProbeResult {
    guard let probe = try? Probe(transport, target.address.family, patience: patience) else { return .failed(EMFILE) }
    return probe.ask(target)
  }
}
