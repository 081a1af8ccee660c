import ArgumentParser
import LinuxKernel
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
    let client = try RoutedPod.make(IPAddress(v4: 10, 244, 0, 2))
    let pod = try RoutedPod.make(Self.server.address)
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
}
