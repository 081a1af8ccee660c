import ArgumentParser
import LinuxKernel

struct ServerStartCommand: AsyncParsableCommand, NetworkIsolated {
  static let configuration = CommandConfiguration(
    commandName: "server-start",
    abstract: "How long after its start the server's API is ready: on an empty data folder, and started again.")

  @Option(help: ArgumentHelp("The program `switchboard`.", valueName: "file")) var server: String
  @Option(help: ArgumentHelp("A folder for the servers' data, on a real disk; each run removes its own.")) var folder:
    String
  @Option(help: "Fresh servers; each is started twice.") var rounds = 9

  func run() async throws {
    var samples = SampleSet()
    for round in 0...rounds {
      samples.add(.bareProcess, try await bareProcess())
      let process = ServerProcess(program: server, folder: "\(folder)/server-\(round)")
      let fresh = try await process.timeToReady()
      let again = try await process.timeToReady()
      try FileTree.remove(process.folder)
      // The first one only warms the disk's cache.
      guard round > 0 else {
        samples = SampleSet()
        continue
      }
      samples.add(.serverFresh, fresh)
      samples.add(.serverAgain, again)
    }
    print(samples.lines, terminator: "")
  }

  /// What a start and an end of the program cost where it has nothing to do.
  private func bareProcess() async throws -> Duration {
    let launcher = ProcessLauncher(server, ["--help"])
    let begin = ContinuousClock.now
    let child = try launcher.launch()
    let end = try await child.exit()
    let duration = ContinuousClock.now - begin
    guard end.isSuccess else { throw BenchError(.unexpected, "\(server) --help ended with \(end)") }
    return duration
  }
}
