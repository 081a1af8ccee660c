import ClusterModel
import KubernetesAPI
import LinuxKernel
import Logging
import Netlink
import NetworkTypes
import ServiceLifecycle
import ServiceProxy
import SwitchboardTesting

/// A node between a pod of its own, another node with ten pods, and the world outside, each in a network namespace
/// (in IPv6 alike, see ``LabAddresses``):
///
///     pod 10.244.1.2 -- 10.244.1.1 node-1 172.30.0.11 -- 172.30.0.12 peer (10.244.2.1 … 10.244.2.10)
///                                  node-1 192.0.2.1   -- 192.0.2.2 outside
///
/// The peer has no route to the outside: what comes from there must have the node's address.
final class ServiceLab: Sendable {
  let pod: NetworkNamespace
  let node: NetworkNamespace
  let peer: NetworkNamespace
  let outside: NetworkNamespace
  let addresses: LabAddresses
  let feed = ClusterFeed()
  private let servers: [EchoServer]

  static let podAddress = LabAddresses.v4.pod
  static let nodeAddress = LabAddresses.v4.node
  static let outsideAddress = LabAddresses.v4.outside
  static let endpoints = LabAddresses.v4.endpoints
  static let clusterDNS = SocketEndpoint(LabAddresses.v4.clusterDNS, 53)

  init(_ addresses: LabAddresses = .v4) throws {
    self.addresses = addresses
    pod = try .create()
    node = try .create()
    peer = try .create()
    outside = try .create()
    for namespace in [pod, node, peer, outside] {
      // Addresses are to be there at once, not after they were found to be nobody else's.
      try namespace.run {
        for name in ["all", "default"] { try Sysctl.set("net/ipv6/conf/\(name)/accept_dad", to: "0") }
      }
    }
    let length = addresses.linkLength
    try Self.link(node, "pod0", addresses.podGateway, pod, addresses.pod, length)
    try Self.link(node, "peer0", addresses.node, peer, addresses.peer, length)
    try Self.link(node, "out0", addresses.outsideGateway, outside, addresses.outside, length)
    for namespace in [pod, node, peer, outside] { try Self.setUp("lo", in: namespace) }
    for endpoint in addresses.endpoints { try Self.assign(CIDR(host: endpoint.address), to: "eth0", in: peer) }
    try Self.assign(CIDR(host: addresses.clusterDNS), to: "lo", in: node)
    let anywhere = CIDR(IPAddress(family: addresses.family, value: 0), prefixLength: 0)!
    try Self.add(Route(to: addresses.peerBlock, via: addresses.peer), through: "peer0", in: node)
    // The node's own processes find the way to Services here, before their packets are translated.
    var wayOut = Route(to: anywhere, via: addresses.outside)
    wayOut.source = addresses.node
    try Self.add(wayOut, through: "out0", in: node)
    try Self.add(Route(to: addresses.podBlock, via: addresses.node), through: "eth0", in: peer)
    try Self.add(Route(to: anywhere, via: addresses.podGateway), through: "eth0", in: pod)
    try Self.add(Route(to: anywhere, via: addresses.outsideGateway), through: "eth0", in: outside)
    try node.run {
      _ = try Sysctl.set("net/ipv4/ip_forward", to: "1")
      _ = try Sysctl.set("net/ipv6/conf/all/forwarding", to: "1")
    }
    servers = [
      try EchoServer(addresses.endpoints, in: peer),
      try EchoServer([addresses.localEndpoint], in: pod),
      try EchoServer(
        [SocketEndpoint(addresses.clusterDNS, 53), SocketEndpoint(addresses.node, 6443)], in: node),
    ]
    feed.apply([.node(addresses.nodeModel)])
    feed.markSynced()
  }

  deinit { for server in servers { server.stop() } }

  private static func link(
    _ near: NetworkNamespace, _ name: String, _ nearAddress: IPAddress, _ far: NetworkNamespace,
    _ farAddress: IPAddress, _ length: Int
  ) throws {
    try RouteSocket(in: near).apply {
      $0.createVeth(.init(name: name), peer: .init(name: "eth0", namespace: far.descriptor.rawValue))
    }
    try assign("\(nearAddress)/\(length)", to: name, in: near)
    try assign("\(farAddress)/\(length)", to: "eth0", in: far)
    try setUp(name, in: near)
    try setUp("eth0", in: far)
  }

  private static func setUp(_ name: String, in namespace: NetworkNamespace) throws {
    let socket = try RouteSocket(in: namespace)
    let index = try socket.index(of: name)
    try socket.apply { $0.setUp(index) }
  }

  private static func assign(_ text: String, to name: String, in namespace: NetworkNamespace) throws {
    let parts = text.split(separator: "/")
    let socket = try RouteSocket(in: namespace)
    let address = InterfaceAddress(
      IPAddress(parts[0])!, prefixLength: Int(parts[1])!, link: try socket.index(of: name))
    try socket.apply { $0.add(address) }
  }

  private static func assign(_ block: CIDR, to name: String, in namespace: NetworkNamespace) throws {
    try assign(block.description, to: name, in: namespace)
  }

  private static func add(_ route: Route, through name: String, in namespace: NetworkNamespace) throws {
    let socket = try RouteSocket(in: namespace)
    var route = route
    route.link = try socket.index(of: name)
    try socket.apply { $0.add(route) }
  }

  /// Runs a proxy while `body` does, and stops it the way an agent is stopped.
  func withProxy<Result: Sendable>(
    _ edit: (inout ServiceProxy.Configuration) -> Void = { _ in }, _ body: (RunningProxy) async throws -> Result
  ) async throws -> Result {
    var configuration = ServiceProxy.Configuration(
      nodeName: "node-1", serviceBlocks: [addresses.serviceBlock], exemptAddresses: [addresses.clusterDNS])
    configuration.namespace = node
    edit(&configuration)
    let (stream, continuation) = AsyncStream.makeStream(of: ServiceSync.self)
    let proxy = ServiceProxy(configuration, feed: feed, logger: Logger(label: "proxy")) { continuation.yield($0) }
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { continuation.finish() }
        try await proxy.run()
      }
      defer { group.cancelAll() }
      let running = RunningProxy(stream, proxy.metrics)
      let first = await running.sync()
      guard first?.isFirst == true else { throw LabFailure(description: "the proxy ended before its first round") }
      running.first = first
      return try await body(running)
    }
  }

  struct LabFailure: Error, CustomStringConvertible {
    let description: String
  }
}
