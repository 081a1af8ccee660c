import ArgumentParser
import Dispatch

/// The entry point.
///
/// It is synchronous on purpose: supervisors and labs are the first processes of PID namespaces and have to be
/// single-threaded, which an `async` main is not. Commands that need concurrency start it themselves, here.
@main
enum Main {
  static func main() {
    do {
      var command = try Switchboard.parseAsRoot()
      guard command is any AsyncParsableCommand else { return try command.run() }
      // Ends the process itself.
      Task { await runConcurrently() }
      dispatchMain()
    } catch {
      Switchboard.exit(withError: error)
    }
  }

  /// Parses again rather than carry the command, which is no `Sendable`, across.
  private static func runConcurrently() async {
    do {
      guard var command = try Switchboard.parseAsRoot() as? any AsyncParsableCommand else { return }
      try await command.run()
      Switchboard.exit()
    } catch {
      Switchboard.exit(withError: error)
    }
  }
}
