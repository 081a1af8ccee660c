import ClusterModel
import Glibc
import LinuxKernel
import NetworkTypes
import ServiceProxy
import SwitchboardTesting
import Testing

@Suite(.serialized) struct KernelInvalidPacketTests {
  /// The node has lost track of a connection when the server sends. Passed on, its packet would reach the client with
  /// the endpoint's own address, which the client answers with a reset.
  @Test(arguments: [LabAddresses.v4, .v6]) func invalidPacketsResetNothing(_ addresses: LabAddresses) async throws {
    let lab = try ServiceLab(addresses)
    try lab.node.run { _ = try Sysctl.set("net/netfilter/nf_conntrack_tcp_loose", to: "0") }
    let endpoint = SocketEndpoint(addresses.endpoints[0].address, 9000)
    lab.feed.apply([service("web", addresses.service(20)), slice("web", [endpoint])])
    try await lab.withProxy { _ async throws in
      let listener = FileDescriptor(
        adopting: try lab.peer.run {
          let socket = try BoundSocket.stream(address: endpoint.address.bytes, port: endpoint.port)
          let raw = socket.rawValue
          try systemCall("listen") { listen(raw, 4) }
          return socket.release()
        })
      let client = FileDescriptor(
        adopting: try lab.pod.run {
          try ConnectedSocket.stream(to: addresses.service(20).bytes, port: 80, seconds: 3).release()
        })
      let listening = listener.rawValue
      let server = FileDescriptor(adopting: try systemCall("accept") { accept(listening, nil, nil) })
      var byte: UInt8 = 1
      #expect(send(server.rawValue, &byte, 1, 0) == 1)
      #expect(recv(client.rawValue, &byte, 1, 0) == 1)
      try lab.node.command("conntrack", "-D", "-f", addresses.family == .v4 ? "ipv4" : "ipv6", "-p", "tcp")
      #expect(send(server.rawValue, &byte, 1, 0) == 1)
      try await Task.sleep(for: .milliseconds(300))
      var error: Int32 = 0
      var length = socklen_t(MemoryLayout<Int32>.size)
      #expect(getsockopt(server.rawValue, SOL_SOCKET, SO_ERROR, &error, &length) == 0)
      #expect(error == 0, "the server's connection ended: \(String(cString: strerror(error)))")
    }
  }
}
