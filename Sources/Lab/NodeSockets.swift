internal import Glibc
internal import LinuxKernel
internal import NetworkTypes

/// The sockets a supervisor holds for its agent. While the agent is restarted, queries and connections wait in them.
final class NodeSockets {
  private let sockets: [(name: String, descriptor: Int32)]

  /// Opens them in the calling thread's network namespace.
  ///
  /// - Parameter dns: the cluster's DNS address, which the node holds on `lo`.
  init(dns: IPAddress, kubeletPort: UInt16, pluginSocket: String) throws {
    var opened: [(name: String, descriptor: Int32)] = []
    do {
      opened.append(("dns-udp", try Self.bound(SOCK_DGRAM, dns, 53)))
      opened.append(("dns-tcp", try Self.bound(SOCK_STREAM, dns, 53)))
      opened.append(("kubelet", try Self.bound(SOCK_STREAM, IPAddress(v4: 0, 0, 0, 0), kubeletPort)))
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
    let isStream = type == SOCK_STREAM
    let socket = try FileDescriptor.socket(AF_INET, Int32(type.rawValue))
    let raw = socket.rawValue
    try set(raw, SO_REUSEADDR, 1)
    // A burst of queries has to fit while nobody reads.
    if !isStream { try set(raw, SO_RCVBUF, 4 << 20) }
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = UInt32(truncatingIfNeeded: address.value).bigEndian
    try systemCall("bind", "\(address):\(port)") {
      withUnsafePointer(to: &name) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(raw, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
    if isStream { try systemCall("listen") { listen(raw, 1024) } }
    return socket.release()
  }

  private static func set(_ raw: Int32, _ option: Int32, _ value: Int32) throws(KernelError) {
    var value = value
    try systemCall("setsockopt") {
      setsockopt(raw, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
  }
}
