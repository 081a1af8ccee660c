internal import JSONTree
package import KubernetesAPI
package import LinuxKernel
package import Logging

/// Serves the plugin: one connection, one JSON request up to the end of the stream, one JSON answer.
package struct CNIServer: Sendable {
  private let listener: UnixListener
  private let handler: CNIHandler
  private let logger: Logger
  /// Open once pods can be attached.
  private let readiness: Readiness
  /// Holds an ADD's answer back until the pod may start.
  private let admission: PodAdmission?
  /// A plugin sends its request at once; whoever does not is no plugin.
  private static let patience = 10
  /// How long an ADD waits for the cluster to be read and the node to get its block. A retry by the runtime would
  /// come no sooner.
  private static let patienceForCluster: Duration = .seconds(15)
  private static let largestRequest = 4 << 20

  package init(
    listener: UnixListener, handler: CNIHandler, readiness: Readiness, admission: PodAdmission? = nil, logger: Logger
  ) {
    self.listener = listener
    self.handler = handler
    self.readiness = readiness
    self.admission = admission
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
    var answer = try await BlockingThread.run { handler.answer(request) }
    if answer["error"] == nil, let fault = await refusal(request) { answer = ["error": fault.json] }
    let bytes = answer.encoded()
    try await BlockingThread.run { try UnixSocket.send(bytes, to: connection.descriptor) }
  }

  /// Why a pod that was attached may not start yet. The runtime takes the attachment back then.
  private func refusal(_ bytes: [UInt8]) async -> CNIError? {
    guard let admission, let request = try? CNIRequest(JSON.parse(bytes)), request.command == .add,
      !request.pod.name.isEmpty, !request.podUID.isEmpty
    else { return nil }
    do {
      try await admission(request.pod, request.podUID)
      return nil
    } catch {
      logger.warning("a pod is not let start yet", metadata: ["pod": "\(request.pod)", "reason": "\(error)"])
      return CNIError(.tryAgainLater, "\(error)")
    }
  }
}

/// Returns once the pod with this name and UID may start.
package typealias PodAdmission = @Sendable (_ pod: ObjectName, _ uid: String) async throws -> Void
