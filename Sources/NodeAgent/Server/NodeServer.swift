import ContainerRuntime
import JSONTree
import KubernetesAPI
import LinuxKernel
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

/// Answers the API server for what only the node has: logs and commands in containers. The paths are the kubelet's.
struct NodeServer: Sendable {
  let configuration: NodeAgentConfiguration
  let manager: PodManager
  let runtime: any RuntimeService
  let logger: Logger

  /// Serves until the task is cancelled; without TLS there is no server, as anybody could run commands through it.
  func run() async throws {
    guard let tls = configuration.serverTLS else {
      logger.notice("No certificate for the node's server: logs and exec are not available.")
      while (try? await Task.sleep(for: .seconds(3600))) != nil {}
      return
    }
    let context = try NIOSSLContext(configuration: tls)
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try configure(channel, context) }
      }
    let channel: any Channel
    if let socket = configuration.listeningSocket {
      channel = try await bootstrap.withBoundSocket(socket).get()
    } else {
      channel = try await bootstrap.bind(host: "::", port: configuration.port).get()
    }
    try await withTaskCancellationHandler {
      try await channel.closeFuture.get()
    } onCancel: {
      channel.close(promise: nil)
    }
  }

  private func configure(_ channel: any Channel, _ context: NIOSSLContext) throws {
    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
    let handler = NodeRequestHandler { head, writer in await respond(head, writer) }
    let upgrader = NIOWebSocketServerUpgrader(
      maxFrameSize: 1 << 20, automaticErrorHandling: true,
      shouldUpgrade: { channel, head in
        channel.eventLoop.makeFutureWithTask { await upgradeHeaders(head) }
      },
      upgradePipelineHandler: { channel, head in
        channel.eventLoop.makeFutureWithTask { await execRequest(head) }.flatMapThrowing { request in
          guard let request else { throw NodeAgentError(.notFound, "the container is not running any more") }
          // A long message comes in fragments, of which only the first names its stream.
          try channel.pipeline.syncOperations.addHandler(
            NIOWebSocketFrameAggregator(
              minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1024, maxAccumulatedFrameSize: 16 << 20))
          let wrapped = try NIOAsyncChannel<WebSocketFrame, WebSocketFrame>(wrappingChannelSynchronously: channel)
          let connection = ExecConnection(request: request, runtime: runtime, logger: logger)
          // Ends with the command or the connection, whichever is first.
          Task { await connection.run(wrapped) }
        }
      })
    let removable = NIOLoopBound(handler, eventLoop: channel.eventLoop)
    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
      withServerUpgrade: (
        upgraders: [upgrader],
        completionHandler: { context in context.pipeline.syncOperations.removeHandler(removable.value, promise: nil) }
      ))
    try channel.pipeline.syncOperations.addHandler(handler)
  }

  // MARK: Exec

  private func upgradeHeaders(_ head: HTTPRequestHead) async -> HTTPHeaders? {
    let offered = head.headers[canonicalForm: "Sec-WebSocket-Protocol"].map(String.init)
    guard let chosen = RemoteCommand.protocols.first(where: offered.contains), await execRequest(head) != nil else {
      return nil
    }
    return ["Sec-WebSocket-Protocol": chosen]
  }

  private func execRequest(_ head: HTTPRequestHead) async -> ExecRequest? {
    let request = NodeRequest(uri: head.uri)
    guard case .exec(let namespace, let pod, let container) = request.route,
      let id = await manager.worker(namespace: namespace, name: pod)?.runningContainerID(container)
    else { return nil }
    return ExecRequest(
      containerID: id, command: request.query["command"] ?? [], hasInput: request.flag("input"),
      hasOutput: request.flag("output"), hasErrorOutput: request.flag("error"), hasTerminal: request.flag("tty"))
  }

  // MARK: Plain requests

  private func respond(_ head: HTTPRequestHead, _ writer: NodeResponseWriter) async {
    let request = NodeRequest(uri: head.uri)
    do {
      switch request.route {
      case .healthz: try await writer.send(.ok, Array("ok".utf8))
      case .pods:
        let list: JSON = [
          "kind": "PodList", "apiVersion": "v1", "metadata": [:], "items": .array(await manager.pods()),
        ]
        try await writer.send(.ok, list.encoded(), type: "application/json")
      case .logs(let namespace, let pod, let container):
        try await sendLog(request, namespace, pod, container, writer)
      case .exec(let namespace, let pod, let container):
        if await manager.worker(namespace: namespace, name: pod)?.runningContainerID(container) == nil {
          try await writer.refuse(
            .notFound, "container \(container) is not running in pod \(pod)_\(namespace)")
        } else {
          try await writer.refuse(
            .badRequest, "exec needs a WebSocket of protocol \(RemoteCommand.protocols.joined(separator: " or "))")
        }
      case .unknown: try await writer.refuse(.notFound, "404 page not found")
      }
    } catch {
      logger.debug("A request to the node was not answered.", metadata: ["uri": "\(head.uri)", "error": "\(error)"])
      writer.channel.close(promise: nil)
    }
  }

  private func sendLog(
    _ request: NodeRequest, _ namespace: String, _ pod: String, _ container: String, _ writer: NodeResponseWriter
  ) async throws {
    guard let worker = await manager.worker(namespace: namespace, name: pod) else {
      try await writer.refuse(.notFound, "pods \"\(pod)\" not found")
      return
    }
    let reader: LogReader
    let id: String
    do {
      let options = try LogOptions(request.query, now: .now)
      let source = try await worker.logSource(container, previous: options.previous)
      reader = LogReader(path: source.path, options: options)
      id = source.containerID
      guard KernelFile.exists(source.path) else {
        throw NodeAgentError(.notFound, "container \"\(container)\" in pod \"\(pod)\" has no log yet")
      }
    } catch let error as NodeAgentError {
      try await writer.refuse(.badRequest, error.message)
      return
    }
    try await writer.begin(.ok, type: "text/plain")
    try await reader.run {
      await worker.isRunning(containerID: id)
    } write: { bytes in
      try await writer.write(bytes)
    }
    try await writer.end()
  }
}
