import LinuxKernel
import Logging
import ServiceLifecycle

/// Gives the memory back that holds the code which only a program's start needed: a third of all of it.
struct StartCode: Service {
  private static let delay = Duration.seconds(5)

  let logger: Logger

  func run() async throws {
    try await cancelWhenGracefulShutdown {
      // Nothing tells when a start is over: by then readers have listed what there is.
      try await Task.sleep(for: Self.delay)
      do {
        try ProcessText.release()
      } catch {
        // It is about size alone.
        logger.debug("code cannot be given back", metadata: ["error": "\(error)"])
      }
    }
    // A service that returned would end the others.
    try await gracefulShutdown()
  }
}
