import LinuxKernel

/// A program run to its end with what it printed.
struct ProgramRun: Sendable {
  let exit: ProcessExit
  /// Standard output and standard error, in the order they came; the first MiB.
  let text: String

  static func run(_ executable: String, _ arguments: [String]) async throws -> ProgramRun {
    do {
      return try await BlockingThread.run {
        var pipe = try Pipe()
        var launcher = ProcessLauncher(executable, arguments)
        launcher.standardOutput = pipe.write
        launcher.standardError = pipe.write
        let child = try launcher.launch()
        pipe.closeWrite()
        let output = try pipe.read.readToEnd(limit: 1 << 20)
        return ProgramRun(exit: try child.wait(), text: String(decoding: output, as: UTF8.self))
      }
    } catch {
      throw ContainerRuntimeError(.program, "cannot run \(executable)", cause: error)
    }
  }
}
