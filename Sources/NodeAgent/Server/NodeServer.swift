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
import NetworkTypes

/// Answers the API server for what only the node has: logs, commands in containers, ports of pods. The paths are the
/// kubelet's.
struct NodeServer: Sendable {
  let configuration: NodeAgentConfiguration
  let manager: PodManager
  let runtime: any RuntimeService
  let logger: Logger

  /// Serves until the task is cancelled; without TLS there is no server, as anybody could run commands through it.
  func run() async throws {
    guard let tls = configuration.serverTLS else {
      logger.notice("No certificate for the node's server: logs, exec, attach and port-forward are not available.")
      while (try? await Task.sleep(for: .seconds(3600))) != nil {}
      return
    }
    let context = try NIOSSLContext(configuration: tls)
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 256)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try configure(channel, context) }
      }
    let channel: any Channel
    if let socket = configuration.listeningSocket {
      channel = try await bootstrap.withBoundSocket(socket).get()
    } else {
      // Of both families, unless the node has none of IPv6: its kernel may know nothing of it then.
      let host = configuration.nodeAddresses.contains { $0.family == .v6 } ? "::" : "0.0.0.0"
      channel = try await bootstrap.bind(host: host, port: configuration.port).get()
    }
    try await withTaskCancellationHandler {
      try await channel.closeFuture.get()
    } onCancel: {
      channel.close(promise: nil)
    }
  }

  private func configure(_ channel: any Channel, _ context: NIOSSLContext) throws {
    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
    let handler = NodeRequestHandler { head, refusal, writer in await respond(head, refusal, writer) }
    let removable = NIOLoopBound(handler, eventLoop: channel.eventLoop)
    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
      withServerUpgrade: (
        upgraders: [webSocketUpgrader(), SPDYServerUpgrader(server: self)],
        completionHandler: { context in context.pipeline.syncOperations.removeHandler(removable.value, promise: nil) }
      ))
    try channel.pipeline.syncOperations.addHandler(handler)
  }

  // MARK: Plain requests

  private func respond(_ head: HTTPRequestHead, _ refusal: StreamRefusal?, _ writer: NodeResponseWriter) async {
    let request = NodeRequest(uri: head.uri)
    do {
      if let refusal { return try await writer.refuse(refusal.status, refusal.message) }
      switch request.route {
      case .healthz: try await writer.send(.ok, Array("ok".utf8))
      case .metrics:
        try await writer.send(
          .ok, Array(configuration.metrics().utf8), type: "text/plain; version=0.0.4; charset=utf-8")
      case .service(let namespace, let name):
        try await send(service: ObjectName(namespace: namespace, name: name), writer)
      // A probe makes the node send: who may only read must not have it do so.
      case .explain("probe") where head.method != .POST:
        try await writer.refuse(.methodNotAllowed, "a probe has to be a POST")
      case .explain(let part):
        let answer = try await configuration.explain(
          part, request.query.compactMapValues(\.last),
          PodsHere(network: networkNamespace(of:)) { pod in
            await manager.worker(namespace: pod.namespace, name: pod.name)?.resolver
          })
        try await writer.send(.ok, answer.encoded(), type: "application/json")
      case .flows:
        let answer = try configuration.flows(request.query.compactMapValues(\.last))
        try await writer.begin(.ok, type: "application/jsonl")
        try await answer { try await writer.write($0) }
        try await writer.end()
      case .pods: try await send(pods: await manager.pods(), writer)
      case .runningPods: try await send(pods: await manager.runningPods(), writer)
      case .configuration:
        let answer: JSON = ["kubeletconfig": configuration.text]
        try await writer.send(.ok, answer.encoded(), type: "application/json")
      case .systemLogs(let path): try await sendSystemLog(path, writer)
      case .logs(let namespace, let pod, let container):
        try await sendLog(request, namespace, pod, container, writer)
      case .exec, .attach, .portForward:
        _ = try await streamRequest(head)
        try await writer.refuse(.badRequest, "Upgrade request required")
      case .unknown: try await writer.refuse(.notFound, "404 page not found")
      }
    } catch let error as NodeAgentError {
      let refusal = StreamRefusal(error)
      try? await writer.refuse(refusal.status, refusal.message)
    } catch {
      logger.debug("A request to the node was not answered.", metadata: ["uri": "\(head.uri)", "error": "\(error)"])
      writer.channel.close(promise: nil)
    }
  }

  private func send(pods: [JSON], _ writer: NodeResponseWriter) async throws {
    let list: JSON = ["kind": "PodList", "apiVersion": "v1", "metadata": [:], "items": .array(pods)]
    try await writer.send(.ok, list.encoded(), type: "application/json")
  }

  private func send(service name: ObjectName, _ writer: NodeResponseWriter) async throws {
    // Asking the kernel for all of them takes its time.
    let answer = try await BlockingThread.run { [configuration] in try configuration.serviceInForce(name) }
    guard let answer else {
      return try await writer.refuse(.notFound, "services \"\(name.name)\" not found on node \(configuration.nodeName)")
    }
    try await writer.send(.ok, answer.encoded(), type: "application/json")
  }

  /// That of a pod of this node that runs.
  private func networkNamespace(of pod: ObjectName) async throws -> NetworkNamespace? {
    guard let worker = await manager.worker(namespace: pod.namespace, name: pod.name),
      let sandbox = await worker.readySandboxID()
    else { return nil }
    return try await runtime.networkNamespace(ofSandbox: sandbox)
  }

  private func sendSystemLog(_ path: String, _ writer: NodeResponseWriter) async throws {
    switch try await SystemLogs(root: configuration.systemLogDirectory).entry(path) {
    case nil: try await writer.refuse(.notFound, "404 page not found")
    case .names(let names):
      try await writer.send(.ok, Array(SystemLogs.page(names).utf8), type: "text/html; charset=utf-8")
    case .file(let file):
      try await writer.begin(.ok, type: "text/plain; charset=utf-8")
      var piece = try await file.next()
      while !piece.isEmpty {
        try await writer.write(piece)
        piece = try await file.next()
      }
      try await writer.end()
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
