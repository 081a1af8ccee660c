import ContainerRuntime
import NIOHTTP1

/// A request whose connection is to carry streams: what they are joined to.
enum StreamRequest: Sendable {
  case command(CommandRequest)
  /// The ports are those a WebSocket client asks for; others name them in each stream.
  case portForward(PodPorts, [UInt16])
}

extension NodeServer {
  /// Finds what a request asks for. Throws the kubelet's refusals.
  func streamRequest(_ head: HTTPRequestHead) async throws -> StreamRequest {
    let request = NodeRequest(uri: head.uri)
    switch request.route {
    case .exec(let namespace, let pod, let container):
      return .command(try await command(.exec, request, namespace, pod, container))
    case .attach(let namespace, let pod, let container):
      return .command(try await command(.attach, request, namespace, pod, container))
    case .portForward(let namespace, let pod): return try await forwarding(request, namespace, pod)
    default: throw NodeAgentError(.notFound, "404 page not found")
    }
  }

  private func worker(_ namespace: String, _ pod: String) async throws(NodeAgentError) -> PodWorker {
    guard let worker = await manager.worker(namespace: namespace, name: pod) else {
      throw NodeAgentError(.notFound, "pod does not exist")
    }
    return worker
  }

  private func command(
    _ kind: CommandRequest.Kind, _ request: NodeRequest, _ namespace: String, _ pod: String, _ container: String
  ) async throws(NodeAgentError) -> CommandRequest {
    let worker = try await worker(namespace, pod)
    guard let id = await worker.runningContainerID(container) else {
      throw NodeAgentError(.notFound, "container not found (\"\(container)\")")
    }
    let streams = ExecRequest(
      containerID: id, command: request.query["command"] ?? [], hasInput: request.flag("input"),
      hasOutput: request.flag("output"), hasErrorOutput: request.flag("error"), hasTerminal: request.flag("tty"))
    guard streams.hasInput || streams.hasOutput || streams.hasErrorOutput else {
      throw NodeAgentError(.badRequest, "you must specify at least 1 of stdin, stdout, stderr")
    }
    if kind == .exec, streams.command.isEmpty {
      throw NodeAgentError(.badRequest, "you must specify at least 1 command for the container")
    }
    return CommandRequest(kind: kind, request: streams, runtime: runtime)
  }

  private func forwarding(_ request: NodeRequest, _ namespace: String, _ pod: String) async throws -> StreamRequest {
    let worker = try await worker(namespace, pod)
    guard let sandbox = await worker.readySandboxID() else {
      throw NodeAgentError(.notFound, "pod \(pod)_\(namespace) is not running; nothing listens in it")
    }
    var ports: [UInt16] = []
    for text in (request.query["port"] ?? []).flatMap({ $0.split(separator: ",") }) {
      guard let port = UInt16(text), port > 0 else {
        throw NodeAgentError(.badRequest, "port \"\(text)\" is no number from 1 to 65535")
      }
      ports.append(port)
    }
    guard ports.count <= Self.maximumPorts else {
      throw NodeAgentError(.badRequest, "more than \(Self.maximumPorts) ports on one connection")
    }
    let network = try await runtime.networkNamespace(ofSandbox: sandbox)
    return .portForward(PodPorts(namespace: network, pod: "\(pod)_\(namespace), uid \(worker.uid)"), ports)
  }

  /// A channel's number is a byte, and two belong to a port.
  private static var maximumPorts: Int { 127 }
}
