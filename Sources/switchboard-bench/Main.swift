import ArgumentParser
import Dispatch
import LinuxKernel

/// The entry point. Synchronous, because a measurement that wants a network of its own has to leave the machine's
/// before there is a second thread.
@main
enum Main {
  static func main() {
    do {
      var command = try Bench.parseAsRoot()
      guard command is any AsyncParsableCommand else { return try command.run() }
      if command is any NetworkIsolated { try PrivateNetwork.enter() }
      // Ends the process itself.
      Task { await runConcurrently() }
      dispatchMain()
    } catch {
      Bench.exit(withError: error)
    }
  }

  /// Parses again rather than carry the command, which is no `Sendable`, across.
  private static func runConcurrently() async {
    do {
      guard var command = try Bench.parseAsRoot() as? any AsyncParsableCommand else { return }
      try await command.run()
      Bench.exit()
    } catch {
      Bench.exit(withError: error)
    }
  }
}
