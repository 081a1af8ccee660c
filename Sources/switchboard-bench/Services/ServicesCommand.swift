import ArgumentParser
import JSONTree
import Lab
import NetworkTypes

struct ServicesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "services",
    abstract: "From the API's answer to the write of an EndpointSlice until a connection through the ClusterIP.",
    discussion: """
      A Service gains its only endpoint, a socket on the first node. The second node, where connections to the Service
      were refused so far, connects without pause from the API's answer on.
      """)

  @Option(help: "Services beside the one that is measured: 100, 1000, 10000 or 30000.") var services = 1000
  @Option(help: "Writes that are measured.") var rounds = 100

  private static let livePort: UInt16 = 18080
  private static let endpoints = 10
  /// Rounds that are not counted; once the first is through, the node has taken in everything that came before.
  private static let warmUp = 5
  /// Rounds of bare connections and of those through the ClusterIP, in turn, and how many of each a round has.
  private static let comparisons = 30
  private static let compared = 40

  func run() async throws {
    guard let scale = ServiceScale(rawValue: services) else {
      throw ValidationError("--services \(services): it is measured among 100, 1000, 10000 or 30000")
    }
    let cluster = try LabCluster.current(nodes: 2)
    let nodes = cluster.state.nodes
    let live = try LiveServer(
      in: try cluster.network(of: nodes[0]), SocketEndpoint(try cluster.address(of: nodes[0]), Self.livePort))
    let other = try cluster.network(of: nodes[1])
    let load = ServiceLoad(client: cluster.client)
    try await Deadline.run(.seconds(240), "\(services) Services to be created") {
      try await load.create(count: services, endpoints: Self.endpoints)
    }
    var samples = SampleSet()
    let (address, created) = try await load.createEmpty("measured", port: Self.livePort)
    let probe = ConnectionProbe(namespace: other, target: address)
    var slice = created
    for round in 0..<(Self.warmUp + rounds) {
      try await probe.awaitRefusal()
      let (written, write, wait) = try await gain(live.endpoint, slice, probe, load)
      try live.drain()
      slice = try await load.set([], of: written)
      guard round >= Self.warmUp else { continue }
      if scale == .thousand { samples.add(.sliceWrite, write) }
      samples.add(scale.toConnection, wait)
    }
    slice = try await load.set([live.endpoint], of: slice)
    try await probe.awaitConnection()
    let bare = ConnectionProbe(namespace: other, target: live.endpoint)
    for round in 0..<(Self.warmUp + Self.comparisons) {
      var medians: [Bool: Double] = [:]
      // Whoever goes second finds warmer caches.
      for isBare in round.isMultiple(of: 2) ? [true, false] : [false, true] {
        medians[isBare] = Statistic.median.of(try await (isBare ? bare : probe).durations(Self.compared))
      }
      try live.drain()
      guard round >= Self.warmUp, let free = medians[true], let led = medians[false] else { continue }
      samples.add(.bareConnection, free)
      samples.add(scale.connection, 100 * led / free)
    }
    if scale == .tenThousand {
      let agent = NodeProcesses(of: nodes[1].supervisor)
      samples.add(.agentMemory10k, try agent.residentMemory("agent") { $0.dropFirst().first == "agent" })
    }
    print(samples.lines, terminator: "")
  }

  /// Gives the slice its endpoint. Returns the slice, how long the API took, and how long the connection after it.
  private func gain(
    _ endpoint: SocketEndpoint, _ slice: JSON, _ probe: ConnectionProbe, _ load: ServiceLoad
  ) async throws -> (slice: JSON, write: Duration, wait: Duration) {
    let signal = try StartSignal()
    async let connection = probe.firstConnection(after: signal)
    let (begin, answered, written): (ContinuousClock.Instant, ContinuousClock.Instant, JSON)
    do {
      begin = .now
      written = try await load.set([endpoint], of: slice)
      answered = .now
      try signal.go()
    } catch {
      signal.callOff()
      throw error
    }
    guard let connected = try await connection else { throw CancellationError() }
    return (written, answered - begin, connected - answered)
  }
}
