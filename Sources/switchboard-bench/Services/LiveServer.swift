import Glibc
import LinuxKernel
import NetworkTypes

/// A listening socket on a node: the endpoint that answers. The kernel takes the connections; nobody has to run.
final class LiveServer: Sendable {
  let endpoint: SocketEndpoint
  private let socket: FileDescriptor

  init(in namespace: NetworkNamespace, _ endpoint: SocketEndpoint) throws {
    self.endpoint = endpoint
    socket = FileDescriptor(
      adopting: try namespace.run {
        let socket = try BoundSocket.stream(address: endpoint.address.bytes, port: endpoint.port)
        try socket.setNonblocking(true)
        let raw = socket.rawValue
        try systemCall("listen", "\(endpoint)") { listen(raw, 1024) }
        return socket.release()
      })
  }

  /// The next connection, whose calls block; it has come already, or is on its way.
  func accepted() throws -> FileDescriptor {
    let raw = socket.rawValue
    var polled = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
    guard poll(&polled, 1, 1000) == 1 else { throw BenchError(.timedOut, "no connection came to \(endpoint)") }
    return FileDescriptor(adopting: try systemCall("accept", "\(endpoint)") { accept(raw, nil, nil) })
  }

  /// Closes the connections that came since the last time, before they fill the queue.
  func drain() throws {
    let raw = socket.rawValue
    while let connection = try nonblockingCall("accept", "\(endpoint)", { accept(raw, nil, nil) }) {
      close(connection)
    }
  }
}
