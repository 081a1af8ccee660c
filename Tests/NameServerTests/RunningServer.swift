import ClusterModel
import LinuxKernel
import Logging
import NamePlan
import NameServer
import NetworkTypes

/// A name server on loopback for the time of a test.
struct RunningServer: Sendable {
  let client: TestClient
  let feed: ClusterFeed
  let server: NameServer

  /// - Parameter upstream: where other zones are asked for; nowhere if empty.
  static func with<Value: Sendable>(
    zone: DNSName = DNSName("cluster.local")!, events: [ClusterEvent] = TestCluster.events,
    upstream: [SocketEndpoint] = [], asksItself: Bool = false, synced: Bool = true,
    _ body: @Sendable @escaping (RunningServer) async throws -> Value
  ) async throws -> Value {
    let feed = ClusterFeed()
    feed.apply(events)
    if synced { feed.markSynced() }
    let endpoint = SocketEndpoint(IPAddress(v4: 127, 0, 0, 1), try freePort())
    var configuration = NameServer.Configuration()
    configuration.names = TestCluster.configuration
    configuration.names.zone = zone
    configuration.addresses = [endpoint]
    configuration.upstream = .fixed(asksItself ? [endpoint] : upstream)
    configuration.upstreamTimeout = .milliseconds(500)
    configuration.patience = .seconds(synced ? 5 : 0)
    let server = NameServer(
      configuration: configuration, feed: feed, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let running = RunningServer(client: TestClient(server: endpoint), feed: feed, server: server)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask {
        try await server.run()
        return nil
      }
      group.addTask { try await body(running) }
      while let value = try await group.next() {
        guard let value else { continue }
        group.cancelAll()
        try await group.waitForAll()
        return value
      }
      throw NameServerError(.noSocket, "the server ended before the test")
    }
  }

  private static func freePort() throws -> UInt16 {
    let socket = try BoundSocket.stream(address: [127, 0, 0, 1], port: 0)
    return try BoundSocket.local(of: socket).port
  }

  /// Asks until the server is up; a query sent before that waits in its socket or is lost.
  func ask(_ name: String, _ type: RecordType = .a, payload: UInt16? = 1232) async throws -> TestReply {
    for _ in 0..<50 {
      do {
        if let reply = try await client.ask(TestMessage.query(name, type, payload: payload)) { return reply }
      } catch let error as KernelError where error.errno == 111 {}
      await Task.yield()
    }
    throw NameServerError(.upstreamSilent, "no reply for \(name)")
  }
}
