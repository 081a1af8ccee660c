import ArgumentParser
import LinuxKernel

/// What the measurements of the API server have in common.
struct APIOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The program `switchboard`.", valueName: "file")) var server: String
  @Option(help: ArgumentHelp("A folder for the server's data, on a real disk; each run removes its own.")) var folder:
    String

  /// Runs `body` against a new server and prints what it adds.
  func measure(
    _ name: String, _ body: (RunningServer, LoadTarget, inout SampleSet) async throws -> Void
  ) async throws {
    var samples = SampleSet()
    let process = ServerProcess(program: server, folder: "\(folder)/\(name)")
    try await process.run { server in
      try await body(server, LoadTarget(kubeconfig: server.kubeconfig), &samples)
    }
    try FileTree.remove(process.folder)
    print(samples.lines, terminator: "")
  }
}
