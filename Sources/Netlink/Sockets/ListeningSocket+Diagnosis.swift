internal import LinuxKernel
internal import NetworkTypes

/// As the kernel's socket diagnosis tells of them (sock_diag(7)), which looks among those that wait only.
extension ListeningSocket {
  private static let byFamily: UInt16 = 20  // SOCK_DIAG_BY_FAMILY
  private static let isV6Only: UInt16 = 11  // INET_DIAG_SKV6ONLY

  static func diagnosed() throws -> [ListeningSocket] {
    let socket = try NetlinkSocket(.socketDiagnosis)
    var found: [ListeningSocket] = []
    // TCP_LISTEN, and TCP_CLOSE of UDP sockets without a peer.
    for (transport, state) in [(TransportProtocol.tcp, UInt32(10)), (.udp, 7)] {
      for family in IPAddress.Family.allCases {
        var request = NetlinkWriter()
        request.message(byFamily, [.request, .dump]) { writer in
          // struct inet_diag_req_v2 of linux/inet_diag.h; no part of a socket's identity is asked for.
          writer.u8(number(of: family))
          writer.u8(transport.number)
          writer.u16(0)
          writer.u32(1 << state)
          writer.append([UInt8](repeating: 0, count: 48))
        }
        for message in try socket.request(request) { found.append(try ListeningSocket(message, transport)) }
      }
    }
    return found
  }

  /// AF_INET, AF_INET6.
  private static func number(of family: IPAddress.Family) -> UInt8 { family == .v4 ? 2 : 10 }

  /// From struct inet_diag_msg and what follows it.
  init(_ message: NetlinkMessage, _ transport: TransportProtocol) throws(NetlinkError) {
    var cursor = ByteCursor(message.payload)
    let family = try cursor.u8()
    _ = try cursor.take(3)
    let port = UInt16(bigEndian: try cursor.u16())
    _ = try cursor.u16()
    let bytes = Array(try cursor.take(16))
    guard let address = IPAddress(socketBytes: family == Self.number(of: .v4) ? Array(bytes.prefix(4)) : bytes) else {
      throw NetlinkError(.malformed, "a socket of address family \(family)")
    }
    let attributes = try message.attributes(after: 72)
    let isV6Only = attributes[type: Self.isV6Only]?.u8 == 1
    self.init(transport, address, port, takesBothFamilies: !isV6Only)
  }
}
