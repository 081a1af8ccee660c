import ClusterModel
import KubernetesAPI
import LinuxKernel
import Logging
import Netlink
import NetworkTypes
import ServiceLifecycle
import ServiceProxy
import SwitchboardTesting

/// A node between a pod of its own, another node with ten pods, and the world outside, each in a network namespace:
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
  let feed = ClusterFeed()
  private let servers: [EchoServer]

  static let podAddress = IPAddress("10.244.1.2")!
  static let nodeAddress = IPAddress("172.30.0.11")!
  static let outsideAddress = IPAddress("192.0.2.2")!
  static let endpoints = (1...10).map { SocketEndpoint(IPAddress("10.244.2.\($0)")!, 8080) }
  static let clusterDNS = SocketEndpoint(IPAddress("10.96.0.10")!, 53)

  init() throws {
    pod = try .create()
    node = try .create()
    peer = try .create()
    outside = try .create()
    try Self.link(node, "pod0", "10.244.1.1/24", pod, "10.244.1.2/24")
    try Self.link(node, "peer0", "172.30.0.11/24", peer, "172.30.0.12/24")
    try Self.link(node, "out0", "192.0.2.1/24", outside, "192.0.2.2/24")
    for namespace in [pod, node, peer, outside] { try Self.setUp("lo", in: namespace) }
    for endpoint in Self.endpoints { try Self.assign(CIDR(host: endpoint.address), to: "eth0", in: peer) }
    try Self.assign(CIDR(host: Self.clusterDNS.address), to: "lo", in: node)
    var blockRoute = Route(to: CIDR("10.96.0.0/12")!)
    blockRoute.source = Self.nodeAddress
    try Self.add(blockRoute, through: "lo", in: node)
    try Self.add(Route(to: CIDR("10.244.2.0/24")!, via: IPAddress("172.30.0.12")!), through: "peer0", in: node)
    try Self.add(Route(to: CIDR("10.244.1.0/24")!, via: Self.nodeAddress), through: "eth0", in: peer)
    try Self.add(Route(to: CIDR("0.0.0.0/0")!, via: IPAddress("10.244.1.1")!), through: "eth0", in: pod)
    try Self.add(Route(to: CIDR("0.0.0.0/0")!, via: IPAddress("192.0.2.1")!), through: "eth0", in: outside)
    try node.run { _ = try Sysctl.set("net/ipv4/ip_forward", to: "1") }
    servers = [
      try EchoServer(Self.endpoints, in: peer),
      try EchoServer([SocketEndpoint(Self.podAddress, 8080)], in: pod),
      try EchoServer([Self.clusterDNS, SocketEndpoint(Self.nodeAddress, 6443)], in: node),
    ]
    var model = NodeModel(name: "node-1")
    model.addresses = [Self.nodeAddress]
    model.podCIDRs = [CIDR("10.244.1.0/24")!]
    feed.apply([.node(model)])
    feed.markSynced()
  }

  deinit { for server in servers { server.stop() } }

  private static func link(
    _ near: NetworkNamespace, _ name: String, _ nearAddress: String, _ far: NetworkNamespace, _ farAddress: String
  ) throws {
    try RouteSocket(in: near).apply {
      $0.createVeth(.init(name: name), peer: .init(name: "eth0", namespace: far.descriptor.rawValue))
    }
    try assign(nearAddress, to: name, in: near)
    try assign(farAddress, to: "eth0", in: far)
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
    _ body: (RunningProxy) async throws -> Result
  ) async throws -> Result {
    var configuration = ServiceProxy.Configuration(
      nodeName: "node-1", serviceBlocks: [CIDR("10.96.0.0/12")!], exemptAddresses: [Self.clusterDNS.address])
    configuration.namespace = node
    let (stream, continuation) = AsyncStream.makeStream(of: ServiceSync.self)
    let proxy = ServiceProxy(configuration, feed: feed, logger: Logger(label: "proxy")) { continuation.yield($0) }
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { continuation.finish() }
        try await proxy.run()
      }
      defer { group.cancelAll() }
      let running = RunningProxy(stream)
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

/// A proxy that runs for as long as a test's body. One task uses it.
final class RunningProxy {
  private var iterator: AsyncStream<ServiceSync>.Iterator
  var first: ServiceSync?

  init(_ syncs: AsyncStream<ServiceSync>) { iterator = syncs.makeAsyncIterator() }

  /// Waits for the next round of programming.
  @discardableResult
  func sync() async -> ServiceSync? { await iterator.next() }
}

func name(_ text: String) -> ObjectName { ObjectName(namespace: "default", name: text) }

func service(
  _ text: String, _ address: String = "10.96.0.20", ports: [ServiceModel.Port] = [.init(port: 80)],
  _ edit: (inout ServiceModel) -> Void = { _ in }
) -> ClusterEvent {
  var model = ServiceModel(name: name(text))
  model.clusterIPs = [IPAddress(address)!]
  model.ports = ports
  edit(&model)
  return .service(model)
}

/// A Service with the same port over TCP and UDP.
let bothProtocols: [ServiceModel.Port] = [
  .init(name: "t", transport: .tcp, port: 80), .init(name: "u", transport: .udp, port: 80),
]

func slice(_ service: String, _ endpoints: [SocketEndpoint]) -> ClusterEvent {
  var model = EndpointSliceModel(name: name(service))
  model.service = name(service)
  let port = endpoints.first?.port ?? 8080
  model.ports = [.init(port: port)] + bothProtocols.map { .init(name: $0.name, transport: $0.transport, port: port) }
  model.endpoints = endpoints.map { .init(address: $0.address) }
  return .endpointSlice(model)
}

func at(_ address: String, _ port: UInt16 = 80) -> SocketEndpoint { SocketEndpoint(IPAddress(address)!, port) }
