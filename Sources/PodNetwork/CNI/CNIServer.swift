internal import JSONTree
package import LinuxKernel
package import Logging

/// Serves the plugin: one connection, one JSON request up to the end of the stream, one JSON answer.
package struct CNIServer: Sendable {
  private let listener: UnixListener
  private let handler: CNIHandler
  private let logger: Logger
  /// Open once pods can be attached.
  private let readiness: Readiness
  /// A plugin sends its request at once; whoever does not is no plugin.
  private static let patience = 10
  /// How long an ADD waits for the cluster to be read and the node to get its block. A retry by the runtime would
  /// come no sooner.
  private static let patienceForCluster: Duration = .seconds(15)
  private static let largestRequest = 4 << 20

  package init(listener: UnixListener, handler: CNIHandler, readiness: Readiness, logger: Logger) {
    self.listener = listener
    self.handler = handler
    self.readiness = readiness
    self.logger = logger
  }

  /// Serves until the task is cancelled; requests that are under way are finished first.
  package func run() async throws {
    try await withTaskCancellationHandler {
      try await withThrowingDiscardingTaskGroup { group in
        while let connection = try await BlockingThread.run({ try accept() }) {
          group.addTask {
            do {
              try await serve(connection)
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

  private final class Connection: Sendable {
    let descriptor: FileDescriptor
    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
  }

  private func accept() throws(KernelError) -> Connection? {
    guard let descriptor = try listener.accept() else { return nil }
    return Connection(descriptor)
  }

  private func serve(_ connection: Connection) async throws {
    let request = try await BlockingThread.run {
      try UnixSocket.setTimeout(connection.descriptor, seconds: Self.patience)
      return try connection.descriptor.readToEnd(limit: Self.largestRequest)
    }
    if !readiness.isOpen, (try? JSON.parse(request))?["command"]?.string == CNIRequest.Command.add.rawValue {
      await readiness.wait(atMost: Self.patienceForCluster)
    }
    try await BlockingThread.run {
      try UnixSocket.send(handler.answer(request).encoded(), to: connection.descriptor)
    }
  }
}
