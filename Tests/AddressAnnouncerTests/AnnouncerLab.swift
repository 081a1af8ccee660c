import ClusterModel
import KubernetesAPI
import LinuxKernel
import Logging
import Netlink
import NetworkTypes
import SwitchboardTesting

@testable import AddressAnnouncer

/// Nodes and a client on one link, each in a network namespace: 192.0.2.1 is the client, 192.0.2.11 the first node.
final class AnnouncerLab: Sendable {
  let client: NetworkNamespace
  let nodes: [NetworkNamespace]
  private let interval: Duration
  private let bridge: NetworkNamespace
  private let clientRoutes: RouteSocket
  private let nodeRoutes: [RouteSocket]
  static let address = IPAddress("192.0.2.230")!
  static let addressV6 = IPAddress("2001:db8::e6")!

  /// - Parameter interval: between heartbeats. A process whose tests keep all processors busy may lose some in a row.
  init(nodes count: Int, interval: Duration = .milliseconds(150)) throws {
    self.interval = interval
    bridge = try .create()
    client = try .create()
    nodes = try (0..<count).map { _ in try .create() }
    // Opened once: they are asked often, and each opening is a thread.
    clientRoutes = try RouteSocket(in: client)
    nodeRoutes = try nodes.map { try RouteSocket(in: $0) }
    let routes = try RouteSocket(in: bridge)
    try routes.apply { $0.createLink("br0", kind: "bridge") }
    let bridgeLink = try routes.index(of: "br0")
    try routes.apply { $0.setUp(bridgeLink) }
    for (index, namespace) in ([client] + nodes).enumerated() {
      try routes.apply {
        $0.createVeth(
          .init(name: "port\(index)"), peer: .init(name: "eth0", namespace: namespace.descriptor.rawValue))
      }
      let port = try routes.index(of: "port\(index)")
      try routes.apply {
        $0.setMaster(port, bridgeLink)
        $0.setUp(port)
      }
      let inside = try RouteSocket(in: namespace)
      let (loopback, link) = (try inside.index(of: "lo"), try inside.index(of: "eth0"))
      let host = index == 0 ? 1 : 10 + index
      try inside.apply {
        $0.setUp(loopback)
        $0.add(InterfaceAddress(IPAddress("192.0.2.\(host)")!, prefixLength: 24, link: link))
        $0.add(InterfaceAddress(IPAddress("2001:db8::\(String(host, radix: 16))")!, prefixLength: 64, link: link))
        $0.setUp(link)
      }
    }
  }

  /// A feed that knows the nodes and, unless there are to be none, one Service with an address of each family.
  func feed(addresses: [IPAddress] = [address, addressV6]) -> ClusterFeed {
    let feed = ClusterFeed()
    feed.apply(
      nodes.indices.map { index in
        var node = NodeModel(name: "node-\(index + 1)")
        node.isReady = true
        node.addresses = [
          IPAddress("192.0.2.\(11 + index)")!, IPAddress("2001:db8::\(String(11 + index, radix: 16))")!,
        ]
        return .node(node)
      })
    feed.apply([Self.service(addresses)])
    feed.markSynced()
    return feed
  }

  static func service(_ addresses: [IPAddress]) -> ClusterEvent {
    var service = ServiceModel(name: ObjectName(namespace: "default", name: "web"))
    service.kind = addresses.isEmpty ? .clusterIP : .loadBalancer
    service.loadBalancerIPs = addresses
    return .service(service)
  }

  func announcer(_ index: Int, _ feed: ClusterFeed) throws -> AddressAnnouncer {
    var configuration = AddressAnnouncer.Configuration(nodeName: "node-\(index + 1)")
    configuration.namespace = nodes[index]
    configuration.interval = interval
    let announcer = try AddressAnnouncer(configuration, feed: feed, logger: Logger(label: "announcer"))
    announcer.markServicesInForce()
    return announcer
  }

  /// The nodes that hold an address.
  func holders(of address: IPAddress) throws -> [Int] {
    try nodes.indices.filter { index in try nodeRoutes[index].addresses().contains { $0.address == address } }
  }

  /// Waits, by asking again and again as nothing tells of it, until just one node holds the address, for two tenths of a second unless another one did before, and returns
  /// which.
  func holder(of address: IPAddress = address, besides other: Int? = nil, seconds: Int = 20) async throws -> Int? {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var found: (node: Int, since: ContinuousClock.Instant)?
    while ContinuousClock.now < deadline {
      let holders = try holders(of: address)
      if holders.count == 1, holders[0] != other {
        if found?.node != holders[0] { found = (holders[0], .now) }
        if let found, other != nil || ContinuousClock.now - found.since > .milliseconds(200) { return found.node }
      } else {
        found = nil
      }
      try await Task.sleep(for: .milliseconds(10))
    }
    return nil
  }

  /// Has the client ask for the address, and returns which node answered, within two seconds.
  func askForNeighbour(_ address: IPAddress) async throws -> Int? {
    let own = IPAddress(address.family == .v4 ? "192.0.2.1" : "2001:db8::1")!
    let raw = try client.run { try BoundSocket.datagram(address: own.bytes, port: 0).release() }
    let socket = FileDescriptor(adopting: raw)
    try Datagram.send([0], to: address.bytes, port: 9, on: socket)
    let end = ContinuousClock.now + .seconds(2)
    while try neighbour(address) == nil, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(10)) }
    return try neighbour(address)
  }

  /// Which node the client's neighbour table says has the address.
  func neighbour(_ address: IPAddress) throws -> Int? {
    let table = try clientRoutes.neighbours(address.family)
    guard let entry = table.first(where: { $0.address == address }) else { return nil }
    return try nodeRoutes.firstIndex { try $0.link(named: "eth0")?.address == entry.linkLayerAddress }
  }
}
