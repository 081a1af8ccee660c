internal import LinuxKernel
internal import NetworkTypes

/// The sockets that heartbeats come and go by: one a family, each at the node's own address.
///
/// A datagram counts for its sender's address: agents send from the port they listen at, which is theirs alone at the
/// nodes' addresses. Whoever may send from there is in charge of a node anyway.
final class HeartbeatSockets {
  private let port: UInt16
  private let namespace: NetworkNamespace?
  private var sockets: [IPAddress: BoundHeartbeat] = [:]

  private final class BoundHeartbeat {
    let descriptor: FileDescriptor
    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
  }

  init(port: UInt16, namespace: NetworkNamespace?) {
    self.port = port
    self.namespace = namespace
  }

  var descriptors: [Int32] { sockets.values.map { $0.descriptor.rawValue } }

  /// Listens at these addresses, the first of each family, and no others.
  func bind(to addresses: [IPAddress]) throws {
    var wanted: [IPAddress.Family: IPAddress] = [:]
    for address in addresses where wanted[address.family] == nil { wanted[address.family] = address }
    sockets = sockets.filter { wanted.values.contains($0.key) }
    for address in wanted.values where sockets[address] == nil {
      let open = { [port] in try BoundSocket.datagram(address: address.bytes, port: port).release() }
      let raw = try namespace?.run(open) ?? open()
      sockets[address] = BoundHeartbeat(FileDescriptor(adopting: raw))
    }
  }

  /// Sends to a node at the first of its addresses that is of a family of ours. What cannot be delivered is lost, as on
  /// any network: the node will count as gone if that goes on.
  func send(_ heartbeat: [UInt8], to addresses: [IPAddress]) {
    for address in addresses {
      guard let socket = sockets.first(where: { $0.key.family == address.family })?.value else { continue }
      try? Datagram.send(heartbeat, to: address.bytes, port: port, on: socket.descriptor)
      return
    }
  }

  /// Takes the heartbeats that wait, up to 1,024 at a time.
  func receive() -> [(heartbeat: Heartbeat, from: IPAddress)] {
    var result: [(Heartbeat, IPAddress)] = []
    for socket in sockets.values {
      for _ in 0..<1024 {
        // Errors are those of earlier datagrams, such as a node that refused one.
        guard let datagram = try? Datagram.receive(from: socket.descriptor, limit: Heartbeat.mostBytes + 1) else {
          break
        }
        guard datagram.port == port, let heartbeat = Heartbeat(datagram.bytes),
          let address = IPAddress(bytes: datagram.address)
        else { continue }
        result.append((heartbeat, address))
      }
    }
    return result
  }
}
