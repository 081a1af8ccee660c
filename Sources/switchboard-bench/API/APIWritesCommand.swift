import ArgumentParser

struct APIWritesCommand: AsyncParsableCommand, NetworkIsolated {
  static let configuration = CommandConfiguration(
    commandName: "api-writes",
    abstract: "Creates a second from 8 clients, in turns with synchronous commits of one row on the same disk.")

  @OptionGroup var options: APIOptions
  @Option(help: "Rounds of each.") var rounds = 7

  func run() async throws {
    let floor = try OneRowCommits(path: "\(options.folder)/one-row.db")
    try await options.measure("api-writes") { server, target, samples in
      for round in 0...rounds {
        let commits = try floor.perSecond(seconds: 1)
        let begin = try server.processorTime()
        let creates = try await LoadRun.run(
          target, connections: LoadTarget.clients, seconds: 2, expecting: 201
        ) { connection, number in
          target.request(
            "POST", APIObjects.configMaps, body: APIObjects.configMap("w-\(round)-\(connection)-\(number)"))
        }
        // The first one warms both sides.
        guard round > 0 else { continue }
        samples.add(.oneRowCommits, commits)
        samples.add(.creates, creates.perSecond)
        samples.add(.createCost, (try server.processorTime() - begin) * 1e6 / Double(creates.answered))
        for time in creates.milliseconds.sorted().hundredths { samples.add(.createTime, time) }
      }
    }
  }
}

extension [Double] {
  /// A sample of many values that has nearly their quantiles.
  var hundredths: [Double] {
    isEmpty ? [] : (0...100).map { self[(count - 1) * $0 / 100] }
  }
}
