import ArgumentParser
import ClusterModel
import NetworkTypes

/// The first programming of all Services, and a change among them, without a cluster around.
struct ProgrammingCommand: AsyncParsableCommand, NetworkIsolated {
  static let configuration = CommandConfiguration(
    commandName: "programming",
    abstract: "From a cluster that has been read until all its Services are in the kernel, which held none.")

  @Option(help: "Rounds for each number of Services.") var rounds = 3

  func run() async throws {
    var samples = SampleSet()
    for scale in ServiceScale.allCases {
      let events = Self.events(scale.rawValue)
      for round in 1...rounds {
        // A table for each round: none finds anything to adopt.
        let (time, _) = try await LoneProxy.run(events, table: "bench-\(scale.rawValue)-\(round)") {}
        samples.add(scale.programming, time)
      }
    }
    print(samples.lines, terminator: "")
  }

  /// Services of ten endpoints.
  private static func events(_ count: Int) -> [ClusterEvent] {
    [LoneProxy.node]
      + (0..<count).flatMap { number in
        LoneProxy.service(
          "svc-\(number)", at: SocketEndpoint(IPAddress(v4: 10, 97, 0, 0).advanced(by: UInt128(number)), 80),
          endpoints: [8080: (0..<10).map { IPAddress(v4: 10, 128, 0, 0).advanced(by: UInt128(number * 10 + $0)) }])
      }
  }
}
