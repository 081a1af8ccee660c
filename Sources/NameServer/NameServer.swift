package import ClusterModel
package import LinuxKernel
package import Logging
import NIOCore
import NIOPosix
package import NamePlan
package import NetworkTypes
import ServiceLifecycle

/// The node's DNS server: answers for the cluster's names out of its own memory, and has others answer the rest.
///
/// It serves once the cluster has been read; until then queries wait in the socket, where a client's own patience is
/// long enough for a restart. Sockets a supervisor lends it outlive it.
package struct NameServer: Service {
  package struct Configuration: Sendable {
    package var names = NameConfiguration()
    /// Where to listen, over UDP and TCP, where no sockets are inherited.
    package var addresses: [SocketEndpoint] = []
    package var upstream = UpstreamServers.Source.file("/etc/resolv.conf")
    /// For each of the other servers.
    package var upstreamTimeout = Duration.seconds(2)
    /// Names of other zones are answered from then on even where the cluster could not be read.
    package var patience = Duration.seconds(5)

    package init() {}
  }

  package let metrics = NameServerMetrics()
  private let configuration: Configuration
  private let feed: ClusterFeed
  private let inherited: InheritedSockets?
  private let logger: Logger
  private let table = NameTable()
  private let withdrawals: WithdrawalsInForce?
  /// Its name in ``WithdrawalsInForce``.
  package static let part = "names"

  /// - Parameters:
  ///   - inherited: sockets named `dns-udp` and `dns-tcp` are taken from here instead of opened.
  ///   - withdrawals: told which endpoints no answer names any more.
  package init(
    configuration: Configuration, feed: ClusterFeed, inherited: InheritedSockets? = nil,
    withdrawals: WithdrawalsInForce? = nil, logger: Logger
  ) {
    self.configuration = configuration
    self.feed = feed
    self.inherited = inherited
    self.withdrawals = withdrawals
    self.logger = logger
  }

  /// What it answers from; `nil` until the cluster has been read.
  package var names: NameIndex? { table.index }

  package func run() async throws {
    try await cancelWhenGracefulShutdown {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await follow() }
        group.addTask { try await serve() }
        // Whichever ends first ends the other; neither does unless it was cancelled, failed, or the feed is over.
        try await group.next()
        group.cancelAll()
        try await group.waitForAll()
      }
    }
  }

  /// Keeps the table at the cluster's state.
  private func follow() async throws {
    let subscription = feed.subscribe()
    var index = NameIndex(configuration.names)
    while let update = await subscription.next() {
      if update.isFirst { index = NameIndex(configuration.names) }
      index.apply(update.change, of: update.snapshot)
      table.publish(index)
      withdrawals?.advance(Self.part, to: update.snapshot.withdrawal)
    }
  }

  private func serve() async throws {
    let sockets = try NameServerSockets(configuration.addresses, inherited: inherited)
    try await waitForCluster()
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let own = configuration.names.serverAddresses + configuration.addresses.map(\.address)
    let forwarder = Forwarder(
      loop: loop, servers: UpstreamServers(configuration.upstream, excluding: own),
      timeout: TimeAmount(configuration.upstreamTimeout),
      responder: Responder(table: table, zone: configuration.names.zone), metrics: metrics, logger: logger)
    let datagrams = try sockets.datagram.map {
      try DatagramTransport(
        socket: $0, table: table, configuration: configuration, forwarder: forwarder, metrics: metrics,
        logger: logger)
    }
    var streams: [StreamTransport] = []
    for socket in sockets.stream {
      streams.append(
        try await StreamTransport(
          socket: socket, loop: loop, table: table, configuration: configuration, forwarder: forwarder,
          metrics: metrics))
    }
    logger.info("names are served", metadata: ["udp": "\(datagrams.count)", "tcp": "\(streams.count)"])
    let result: Result<Void, any Error>
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for transport in datagrams { group.addTask { try await transport.run() } }
        try await group.waitForAll()
      }
      result = .success(())
    } catch {
      result = .failure(error)
    }
    for stream in streams { await stream.close() }
    try result.get()
  }

  /// Returns once the cluster has been read, or patience is over.
  private func waitForCluster() async throws {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await table.waitForFirst() }
      group.addTask { try? await Task.sleep(for: configuration.patience) }
      await group.next()
      group.cancelAll()
    }
    try Task.checkCancellation()
    if table.index == nil {
      logger.warning("the cluster could not be read yet; its names fail until it can, others are answered")
    }
  }
}
