internal import Glibc

/// One datagram at a time, for protocols with few of them; see ``DatagramBatch`` for many.
package struct Datagram: Sendable {
  package let bytes: [UInt8]
  /// The sender: 4 or 16 bytes in network order.
  package let address: [UInt8]
  package let port: UInt16

  /// Takes one that waits in the socket; `nil` where none does. Of a longer one `limit` bytes are kept.
  package static func receive(
    from socket: borrowing FileDescriptor, limit: Int
  ) throws(KernelError) -> Datagram? {
    let raw = socket.rawValue
    var buffer = [UInt8](repeating: 0, count: limit)
    var peer = [UInt8](repeating: 0, count: MemoryLayout<sockaddr_in6>.size)
    let count = try nonblockingCall("recvfrom") {
      peer.withUnsafeMutableBytes { peer in
        var length = socklen_t(peer.count)
        return recvfrom(
          raw, &buffer, limit, Int32(MSG_DONTWAIT),
          peer.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
      }
    }
    guard let count else { return nil }
    let isV4 = peer.withUnsafeBytes { $0.loadUnaligned(as: sa_family_t.self) } == sa_family_t(AF_INET)
    return Datagram(
      bytes: Array(buffer.prefix(count)), address: Array(isV4 ? peer[4..<8] : peer[8..<24]),
      port: UInt16(peer[2]) << 8 | UInt16(peer[3]))
  }

  /// Sends one without waiting. EAGAIN where the socket's buffer is full.
  package static func send(
    _ bytes: [UInt8], to address: [UInt8], port: UInt16, on socket: borrowing FileDescriptor
  ) throws(KernelError) {
    let raw = socket.rawValue
    let peer = SocketAddress.bytes(address, port: port)
    try systemCall("sendto", "port \(port)") {
      peer.withUnsafeBytes { peer in
        sendto(
          raw, bytes, bytes.count, Int32(MSG_DONTWAIT),
          peer.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(peer.count))
      }
    }
  }
}

/// Sends whole frames, link layer included.
package final class PacketSocket: Sendable {
  private let descriptor: FileDescriptor

  /// Opens a socket in `namespace`, or in the calling thread's where none is given. It receives nothing: its protocol is
  /// none.
  package init(in namespace: NetworkNamespace? = nil) throws {
    let (domain, type) = (AF_PACKET, Int32(SOCK_RAW.rawValue))
    descriptor = try namespace?.socket(domain, type) ?? FileDescriptor.socket(domain, type)
  }

  /// Sends a frame of Ethernet through an interface.
  package func send(_ frame: [UInt8], link: UInt32) throws(KernelError) {
    let raw = descriptor.rawValue
    // struct sockaddr_ll of linux/if_packet.h: family, protocol, interface; the destination is in the frame.
    var peer: [UInt8] = withUnsafeBytes(of: UInt16(AF_PACKET)) { Array($0) } + [0, 0]
    peer += withUnsafeBytes(of: link) { Array($0) }
    peer += [UInt8](repeating: 0, count: 12)
    try systemCall("sendto", "interface \(link)") {
      peer.withUnsafeBytes { peer in
        sendto(
          raw, frame, frame.count, Int32(MSG_DONTWAIT),
          peer.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(peer.count))
      }
    }
  }
}
