internal import LinuxKernel
internal import NetworkTypes

/// As the kernel prints them (proc_net(5)).
extension ListeningSocket {
  static func printed() throws(KernelError) -> [ListeningSocket] {
    var sockets: [ListeningSocket] = []
    for (file, transport, state) in [
      ("tcp", TransportProtocol.tcp, "0A"), ("tcp6", .tcp, "0A"), ("udp", .udp, "07"), ("udp6", .udp, "07"),
    ] {
      let path = "/proc/thread-self/net/\(file)"
      guard KernelFile.exists(path) else { continue }
      let text = String(decoding: try KernelFile.read(path), as: UTF8.self)
      sockets += parse(text, transport, state)
    }
    return sockets
  }

  /// - Parameter state: `TCP_LISTEN`, or `TCP_CLOSE` for UDP sockets without a peer, in hexadecimal.
  static func parse(_ text: String, _ transport: TransportProtocol, _ state: String) -> [ListeningSocket] {
    text.split(separator: "\n").dropFirst().compactMap { line in
      let words = line.split(separator: " ")
      guard words.count > 3, words[3] == state else { return nil }
      let parts = words[1].split(separator: ":")
      guard parts.count == 2, let port = UInt16(parts[1], radix: 16), let address = address(parts[0]) else {
        return nil
      }
      return ListeningSocket(transport, address, port)
    }
  }

  /// Words of four bytes, each in the machine's order.
  private static func address(_ text: Substring) -> IPAddress? {
    var bytes: [UInt8] = []
    var rest = text
    while !rest.isEmpty {
      guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
      bytes += withUnsafeBytes(of: word) { Array($0) }
      rest = rest.dropFirst(8)
    }
    return IPAddress(socketBytes: bytes)
  }
}

extension IPAddress {
  /// Of a socket: one for both families that is bound to an IPv4 address has that address, mapped.
  init?(socketBytes bytes: [UInt8]) {
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
    self.init(bytes: bytes.count == 16 && bytes.starts(with: mapped) ? Array(bytes.suffix(4)) : bytes)
  }
}
