internal import JSONTree
package import LinuxKernel
package import Logging

/// Serves the plugin: one connection, one JSON request up to the end of the stream, one JSON answer.
package struct CNIServer: Sendable {
  private let listener: UnixListener
  private let handler: CNIHandler
  private let logger: Logger
  /// A plugin sends its request at once; whoever does not is no plugin.
  private static let patience = 10
  private static let largestRequest = 4 << 20

  package init(listener: UnixListener, handler: CNIHandler, logger: Logger) {
    self.listener = listener
    self.handler = handler
    self.logger = logger
  }

  /// Serves until the task is cancelled; requests that are under way are finished first.
  package func run() async throws {
    try await withTaskCancellationHandler {
      try await withThrowingDiscardingTaskGroup { group in
        while let raw = try await BlockingThread.run({ try listener.accept()?.release() }) {
          group.addTask {
            do {
              try await BlockingThread.run { try serve(FileDescriptor(adopting: raw)) }
            } catch {
              logger.info("a CNI request was cut off", metadata: ["error": "\(error)"])
            }
          }
        }
      }
    } onCancel: {
      listener.close()
    }
  }

  private func serve(_ connection: consuming FileDescriptor) throws {
    try UnixSocket.setTimeout(connection, seconds: Self.patience)
    let request = try connection.readToEnd(limit: Self.largestRequest)
    try UnixSocket.send(handler.answer(request).encoded(), to: connection)
  }
}
