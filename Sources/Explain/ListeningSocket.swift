package import LinuxKernel
package import NetworkTypes

/// A socket that waits for packets.
package struct ListeningSocket: Hashable, Sendable {
  package let transport: TransportProtocol
  package let address: IPAddress
  package let port: UInt16

  package init(_ transport: TransportProtocol, _ address: IPAddress, _ port: UInt16) {
    self.transport = transport
    self.address = address
    self.port = port
  }

  /// Whether packets to the address come to it: `::` takes IPv4 as well, unless a socket is told otherwise.
  package func takes(_ target: IPAddress) -> Bool {
    address.isUnspecified ? address.family == target.family || address.family == .v6 : address == target
  }

  /// Those of the calling thread's network namespace (proc_net(5)).
  package static func all() throws(KernelError) -> [ListeningSocket] {
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
    // A socket for both families that is bound to an IPv4 address.
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
    return IPAddress(bytes: bytes.starts(with: mapped) && bytes.count == 16 ? Array(bytes.suffix(4)) : bytes)
  }
}
