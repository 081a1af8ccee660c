import ArgumentParser
import LinuxKernel
import Netlink
import NetworkTypes

/// What the way through a ClusterIP costs a connection that stands: two pods on one node, in turn by the pod's address and
/// by the Service's.
struct PathsCommand: AsyncParsableCommand, NetworkIsolated {
  static let configuration = CommandConfiguration(
    commandName: "paths", abstract: "Round trips and throughput through a ClusterIP beside those straight to the pod.")

  @Option(help: "Rounds of both ways.") var rounds = 15

  private static let service = SocketEndpoint(IPAddress(v4: 10, 96, 7, 7), 80)
  private static let server = SocketEndpoint(IPAddress(v4: 10, 244, 0, 3), 8080)

  func run() async throws {
    let (client, pod) = (try Self.pod(2), try Self.pod(3))
    try await BlockingThread.run { try Sysctl.set("net/ipv4/ip_forward", to: "1") }
    let peer = try StreamPeer(in: pod, Self.server)
    let rounds = rounds
    let events = LoneProxy.service("path", at: Self.service, endpoints: [Self.server.port: [Self.server.address]])
    let (_, samples) = try await LoneProxy.run([LoneProxy.node] + events) {
      async let served: Void = peer.run()
      defer { peer.stop() }
      let samples = try await Self.measure(rounds, from: client)
      peer.stop()
      try await served
      return samples
    }
    print(samples.lines, terminator: "")
  }

  private static func measure(_ rounds: Int, from client: NetworkNamespace) async throws -> SampleSet {
    let ways = [
      (target: service, trips: Series.serviceRoundTrips, throughput: Series.serviceThroughput),
      (server, .podRoundTrips, .podThroughput),
    ]
    var samples = SampleSet()
    for round in 0..<rounds {
      // Whoever goes second finds warmer caches.
      for way in round.isMultiple(of: 2) ? ways : ways.reversed() {
        let (trips, throughput) = try await BlockingThread.run {
          try client.run {
            (try StreamPeer.roundTrips(to: way.target), try StreamPeer.throughput(to: way.target))
          }
        }
        samples.add(way.trips, trips)
        samples.add(way.throughput, throughput)
      }
    }
    return samples
  }

  /// A namespace behind a routed pair, as pods have them.
  private static func pod(_ number: UInt8) throws -> NetworkNamespace {
    let namespace = try NetworkNamespace.create()
    let outside = try RouteSocket()
    let name = "bench\(number)"
    let address = IPAddress(v4: 10, 244, 0, number)
    let gateway = IPAddress(v4: 169, 254, 1, 1)
    try outside.apply {
      $0.createVeth(.init(name: name), peer: .init(name: "eth0", namespace: namespace.descriptor.rawValue))
    }
    let link = try outside.index(of: name)
    try outside.apply { batch in
      batch.add(InterfaceAddress(gateway, link: link))
      batch.setUp(link)
      batch.add(Route(to: CIDR(host: address), link: link))
    }
    let inside = try RouteSocket(in: namespace)
    let (loopback, own) = (try inside.index(of: "lo"), try inside.index(of: "eth0"))
    try inside.apply { batch in
      batch.setUp(loopback)
      batch.setUp(own)
      batch.add(InterfaceAddress(address, link: own))
      guard let everywhere = CIDR(IPAddress(v4: 0, 0, 0, 0), prefixLength: 0) else { return }
      var route = Route(to: everywhere, via: gateway, link: own)
      route.gatewayIsOnLink = true
      batch.add(route)
    }
    return namespace
  }
}
