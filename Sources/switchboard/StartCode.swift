import LinuxKernel
import Logging
import ServiceLifecycle

/// Gives the memory back that holds the code which only a program's start needed: a third of all of it.
struct StartCode: Service {
  private static let delay = Duration.seconds(5)

  let logger: Logger

  func run() async throws {
    try await cancelWhenGracefulShutdown {
      do {
        try await Task.sleep(for: Self.delay)
        try ProcessText.release()
      } catch let error as KernelError {
        // It is about size alone.
        logger.debug("code cannot be given back", metadata: ["error": "\(error)"])
      }
      // A service that returned would end the others.
      while true { try await Task.sleep(for: .seconds(3600)) }
    }
  }
}
