import ClusterModel
import KubernetesAPI
import Logging
import Netlink
import NetworkTypes
import ServiceProxy

/// A node's Service proxy without a cluster around: it is told what an agent's informers would tell.
enum LoneProxy {
  private static let limit = Duration.seconds(180)

  /// Runs a proxy over `events` while `body` does, which begins once they are in force.
  /// - Returns: how long it took to put them in force, from when all had been read; and what `body` returned.
  static func run<Value: Sendable>(
    _ events: [ClusterEvent], table: String = "bench", _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> (Duration, Value) {
    let feed = ClusterFeed()
    feed.apply(events)
    let block = CIDR(IPAddress(v4: 10, 96, 0, 0), prefixLength: 12)
    var configuration = ServiceProxy.Configuration(nodeName: "node-1", serviceBlocks: block.map { [$0] } ?? [])
    configuration.tableName = table
    var logger = Logger(label: "switchboard.bench")
    logger.logLevel = .warning
    let (syncs, sync) = AsyncStream.makeStream(of: ServiceSync.self)
    let proxy = ServiceProxy(configuration, feed: feed, logger: logger) { sync.yield($0) }
    return try await Deadline.run(limit, "a proxy by itself") {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await proxy.run() }
        let begin = ContinuousClock.now
        feed.markSynced()
        for await _ in syncs { break }
        let time = ContinuousClock.now - begin
        let value = try await body()
        feed.finish()
        try await group.waitForAll()
        return (time, value)
      }
    }
  }

  /// The node, with an address of the private network and a block of pods.
  static var node: ClusterEvent {
    var node = NodeModel(name: "node-1")
    node.addresses = [PrivateNetwork.address]
    node.podCIDRs = [CIDR(IPAddress(v4: 10, 244, 0, 0), prefixLength: 24)].compactMap { $0 }
    return .node(node)
  }

  /// A Service with one port, and a slice for each port that its endpoints have.
  static func service(
    _ name: String, at address: SocketEndpoint, endpoints: [UInt16: [IPAddress]]
  ) -> [ClusterEvent] {
    let name = ObjectName(namespace: "default", name: name)
    var service = ServiceModel(name: name)
    service.clusterIPs = [address.address]
    service.ports = [ServiceModel.Port(port: address.port)]
    return [.service(service)]
      + endpoints.map { port, addresses in
        var slice = EndpointSliceModel(name: ObjectName(namespace: name.namespace, name: "\(name.name)-\(port)"))
        slice.service = name
        slice.ports = [EndpointSliceModel.Port(port: port)]
        slice.endpoints = addresses.map { EndpointSliceModel.Endpoint(address: $0) }
        return .endpointSlice(slice)
      }
  }

  /// What a node has so that its own processes find a way to ClusterIPs.
  static func routeServices() throws {
    let routes = try RouteSocket()
    let loopback = try routes.index(of: "lo")
    guard let block = CIDR(IPAddress(v4: 10, 96, 0, 0), prefixLength: 12) else { return }
    var route = Route(to: block, link: loopback)
    route.source = PrivateNetwork.address
    try routes.apply { $0.replace(route) }
  }
}
