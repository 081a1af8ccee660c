internal import Glibc
internal import LinuxKernel
internal import NetworkTypes

/// The sockets a supervisor holds for its agent. While the agent is restarted, queries and connections wait in them.
final class NodeSockets {
  private let sockets: [(name: String, descriptor: Int32)]

  /// Opens them in the calling thread's network namespace.
  ///
  /// - Parameter dns: the cluster's DNS addresses, which the node holds on `lo`, one of each of its families.
  init(dns: [IPAddress], kubeletPort: UInt16, pluginSocket: String) throws {
    var opened: [(name: String, descriptor: Int32)] = []
    do {
      for address in dns {
        opened.append(("dns-udp", try Self.bound(SOCK_DGRAM, address, 53)))
        opened.append(("dns-tcp", try Self.bound(SOCK_STREAM, address, 53)))
      }
      let everywhere = IPAddress(family: dns.contains { $0.family == .v6 } ? .v6 : .v4, value: 0)
      opened.append(("kubelet", try Self.bound(SOCK_STREAM, everywhere, kubeletPort)))
      opened.append(("cni", try LocalSocket.listen(pluginSocket).release()))
    } catch {
      for (_, descriptor) in opened { close(descriptor) }
      throw error
    }
    sockets = opened
  }

  deinit { for (_, descriptor) in sockets { close(descriptor) } }

  /// As a launcher wants them.
  var inherited: [(descriptor: Int32, name: String)] { sockets.map { ($0.descriptor, $0.name) } }

  private static func bound(_ type: __socket_type, _ address: IPAddress, _ port: UInt16) throws -> Int32 {
    guard type == SOCK_STREAM else {
      let socket = try BoundSocket.datagram(address: address.bytes, port: port)
      // A burst of queries has to fit while nobody reads.
      try BoundSocket.setReceiveBuffer(socket, bytes: 4 << 20)
      return socket.release()
    }
    let socket = try BoundSocket.stream(address: address.bytes, port: port, bothFamilies: address.isUnspecified)
    let raw = socket.rawValue
    try systemCall("listen", "\(address) port \(port)") { listen(raw, 1024) }
    return socket.release()
  }
}
