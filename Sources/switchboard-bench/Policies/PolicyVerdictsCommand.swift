import ArgumentParser
import ClusterModel
import LinuxKernel
import NetworkTypes

/// What policies cost the packets they let pass: two nodes, one without any and one with many, each with two pods that
/// speak, in turn.
struct PolicyVerdictsCommand: AsyncParsableCommand, NetworkIsolated {
  static let configuration = CommandConfiguration(
    commandName: "policy-verdicts",
    abstract: "Round trips and new connections between pods under many policies beside those under none.",
    discussion: "One thread holds both ends of a connection: only the packets' way is measured.")

  @Option(help: "Rounds of both.") var rounds = 15
  @Option(help: "Policies of the node that has some.") var policies = 10_000

  /// In each round, of both ways in turn: what slows the machine for a while slows both.
  private static let slices = 20
  private static let slice = Duration.milliseconds(40)
  private static let connections = 10

  /// A node with a pod that calls and one that answers.
  private struct Pair {
    let node: NetworkNamespace
    let client: NetworkNamespace
    let server: LiveServer

    init(_ population: PolicyPopulation) throws {
      node = try NetworkNamespace.create()
      try node.run { try Sysctl.set("net/ipv4/ip_forward", to: "1") }
      client = try RoutedPod.make(population.address(1), on: node)
      // Another namespace's pod may call here, by the policy for its team.
      let endpoint = SocketEndpoint(population.address(0), 9090)
      server = try LiveServer(in: try RoutedPod.make(endpoint.address, on: node), endpoint)
    }
  }

  func run() async throws {
    let without = PolicyPopulation(pods: 10_000, policies: 0, localPods: 100)
    let with = PolicyPopulation(pods: 10_000, policies: policies, localPods: 100)
    let (free, judged) = (try Pair(without), try Pair(with))
    let rounds = rounds
    let samples = try await LonePolicies.run(without.events + without.attachments, in: free.node) { _ in
      try await LonePolicies.run(with.events + with.attachments, in: judged.node) { _ in
        try await Self.measure(rounds, free, judged)
      }
    }
    print(samples.lines, terminator: "")
  }

  private static func measure(_ rounds: Int, _ free: Pair, _ judged: Pair) async throws -> SampleSet {
    var samples = SampleSet()
    for _ in 0..<rounds {
      var trips: [Bool: Double] = [false: 0, true: 0]
      for number in 0..<slices {
        // Whoever goes second finds warmer caches.
        for isJudged in number.isMultiple(of: 2) ? [false, true] : [true, false] {
          let pair = isJudged ? judged : free
          let (trip, times) = try await BlockingThread.run {
            try pair.client.run {
              (try HeldConnection(to: pair.server).roundTrips(during: slice), try Self.connect(pair.server))
            }
          }
          trips[isJudged, default: 0] += trip / Double(slices)
          for time in times { samples.add(isJudged ? .judgedConnection : .freeConnection, time) }
        }
      }
      let (free, judged) = (trips[false, default: 1], trips[true, default: 0])
      samples.add(.freeRoundTrips, free)
      samples.add(.judgedRoundTrips, judged)
      samples.add(.judgedShare, 100 * judged / free)
    }
    return samples
  }

  private static func connect(_ server: LiveServer) throws -> [Duration] {
    let times = try (0..<connections).map { _ in
      let begin = ContinuousClock.now
      let connection = try PlainConnection(to: server.endpoint)
      defer { connection.leaveAtOnce() }
      return .now - begin
    }
    try server.drain()
    return times
  }
}
