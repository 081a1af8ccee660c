internal import Glibc
package import LinuxKernel
package import NetworkTypes
internal import Synchronization

/// Answers on addresses of a namespace, over TCP and UDP: "own address, own port, the client's address as seen".
/// One thread serves all addresses until ``stop()``.
package final class EchoServer: Sendable {
  private struct Listener {
    let descriptor: Int32
    let endpoint: SocketEndpoint
    let transport: TransportProtocol
  }

  private let isStopped = Atomic(false)
  private let ended = ThreadSignal()

  /// Listens at once; what connects from here on is answered.
  package init(_ endpoints: [SocketEndpoint], in namespace: NetworkNamespace) throws {
    var listeners: [Listener] = []
    for endpoint in endpoints {
      for transport in [TransportProtocol.tcp, .udp] {
        let kind = transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
        let descriptor = try namespace.socket(
          ProbeAddress.domain(endpoint.address.family), Int32(kind.rawValue)
        ).release()
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
        try systemCall("bind", "\(endpoint)") {
          ProbeAddress(endpoint).withPointer { Glibc.bind(descriptor, $0, $1) }
        }
        if transport == .tcp { try systemCall("listen") { listen(descriptor, 1024) } }
        listeners.append(Listener(descriptor: descriptor, endpoint: endpoint, transport: transport))
      }
    }
    let sockets = listeners
    // The thread ends with `stop()`, which waits for it. It does not begin as a task: tests that block may hold all threads
    // of the pool for seconds.
    try BlockingThread.start { [self] in serve(sockets) }
  }

  /// Closes the sockets and waits until that is done.
  package func stop() {
    isStopped.store(true, ordering: .releasing)
    ended.wait()
  }

  private func serve(_ listeners: [Listener]) {
    var polls = listeners.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    while !isStopped.load(ordering: .acquiring) {
      guard poll(&polls, nfds_t(polls.count), 20) > 0 else { continue }
      for (index, listener) in listeners.enumerated() where polls[index].revents != 0 { answer(listener) }
    }
    for listener in listeners { close(listener.descriptor) }
    ended.signal()
  }

  private func answer(_ listener: Listener) {
    let own = "\(listener.endpoint.address) \(listener.endpoint.port) "
    if listener.transport == .tcp {
      let (client, peer) = ProbeAddress.read { Int(accept(listener.descriptor, $0, $1)) }
      guard client >= 0, let peer else { return }
      let text = Array((own + peer.address.description).utf8)
      _ = send(Int32(client), text, text.count, Int32(MSG_NOSIGNAL))
      close(Int32(client))
    } else {
      var byte: UInt8 = 0
      let (count, peer) = ProbeAddress.read { recvfrom(listener.descriptor, &byte, 1, Int32(MSG_DONTWAIT), $0, $1) }
      guard count > 0, let peer else { return }
      let text = Array((own + peer.address.description).utf8)
      _ = ProbeAddress(peer).withPointer { sendto(listener.descriptor, text, text.count, 0, $0, $1) }
    }
  }
}

/// Lets one thread wait for another's last act.
private final class ThreadSignal: Sendable {
  private let pipe: (read: Int32, write: Int32)

  init() {
    var ends: [Int32] = [-1, -1]
    Glibc.pipe(&ends)
    pipe = (ends[0], ends[1])
  }

  deinit {
    close(pipe.read)
    close(pipe.write)
  }

  func signal() {
    var byte: UInt8 = 1
    _ = write(pipe.write, &byte, 1)
  }

  func wait() {
    var byte: UInt8 = 0
    _ = read(pipe.read, &byte, 1)
  }
}
