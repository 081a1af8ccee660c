import ArgumentParser
import Logging
import ServiceLifecycle
import UnixSignals

/// Logging and the life of the long-running commands.
enum CommandLogging {
  /// A logger to standard error. Call it once in a process.
  static func logger(_ label: String, level: String) throws -> Logger {
    guard let level = Logger.Level(rawValue: level) else {
      let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--log-level wants one of \(levels), not \"\(level)\"")
    }
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    var logger = Logger(label: label)
    logger.logLevel = level
    return logger
  }

  /// Runs services until SIGTERM or SIGINT, or until one of them fails.
  static func runGroup(_ services: [any Service], logger: Logger) async throws {
    var configuration = ServiceGroupConfiguration(
      services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = .seconds(5)
    try await ServiceGroup(configuration: configuration).run()
  }
}
