package import NIOCore
import NIOPosix
import SwiftProtobuf

/// ``RuntimeService`` over CRI v1 on a unix socket; events and interactive processes through containerd's own services,
/// because containerd 1.6 does not implement CRI's events and its streaming server cannot close standard input.
package struct CRIClient: RuntimeService {
  private let client: GRPCClient
  let containerd: GRPCClient
  /// Where the named pipes of interactive processes are made.
  let pipeDirectory: String
  let group: any EventLoopGroup

  private static let runtime = "/runtime.v1.RuntimeService/"
  private static let image = "/runtime.v1.ImageService/"

  /// - Parameters:
  ///   - endpoint: the socket's path, with or without `unix://`.
  ///   - pipeDirectory: a directory of this agent's on a file system that the runtime's shims see under the same path.
  package init(
    endpoint: String, pipeDirectory: String, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) {
    let path = endpoint.hasPrefix("unix://") ? String(endpoint.dropFirst("unix://".count)) : endpoint
    client = GRPCClient(socketPath: path, group: group)
    containerd = GRPCClient(socketPath: path, metadata: [("containerd-namespace", "k8s.io")], group: group)
    self.pipeDirectory = pipeDirectory
    self.group = group
  }

  func runtimeCall<Request: Message, Response: Message>(_ name: String, _ request: Request) async throws -> Response {
    try await client.unary(Self.runtime + name, request)
  }

  package func disconnect() async {
    await client.disconnect()
    await containerd.disconnect()
  }

  package func version() async throws -> CRI.VersionResponse {
    try await client.unary(
      Self.runtime + "Version", Runtime_V1_VersionRequest.with { $0.version = "v1" }, timeout: .seconds(10))
  }

  package func conditions() async throws -> [CRI.RuntimeCondition] {
    let answer: Runtime_V1_StatusResponse = try await client.unary(
      Self.runtime + "Status", Runtime_V1_StatusRequest(), timeout: .seconds(10))
    return answer.status.conditions
  }
}

// MARK: Sandboxes

extension CRIClient {
  /// Includes the CNI plugin's work; upstream waits as long.
  private static var sandboxTimeout: TimeAmount { .minutes(4) }

  package func runSandbox(_ config: CRI.PodSandboxConfig, handler: String) async throws -> String {
    let request = Runtime_V1_RunPodSandboxRequest.with {
      $0.config = config
      $0.runtimeHandler = handler
    }
    let answer: Runtime_V1_RunPodSandboxResponse = try await client.unary(
      Self.runtime + "RunPodSandbox", request, timeout: Self.sandboxTimeout)
    return answer.podSandboxID
  }

  package func stopSandbox(_ id: String) async throws {
    let _: Runtime_V1_StopPodSandboxResponse = try await client.unary(
      Self.runtime + "StopPodSandbox", Runtime_V1_StopPodSandboxRequest.with { $0.podSandboxID = id },
      timeout: Self.sandboxTimeout)
  }

  package func removeSandbox(_ id: String) async throws {
    let _: Runtime_V1_RemovePodSandboxResponse = try await client.unary(
      Self.runtime + "RemovePodSandbox", Runtime_V1_RemovePodSandboxRequest.with { $0.podSandboxID = id },
      timeout: Self.sandboxTimeout)
  }

  package func sandboxStatus(_ id: String) async throws -> CRI.PodSandboxStatus {
    let answer: Runtime_V1_PodSandboxStatusResponse = try await client.unary(
      Self.runtime + "PodSandboxStatus", Runtime_V1_PodSandboxStatusRequest.with { $0.podSandboxID = id })
    return answer.status
  }

  package func sandboxes(labels: [String: String]) async throws -> [CRI.PodSandbox] {
    let answer: Runtime_V1_ListPodSandboxResponse = try await client.unary(
      Self.runtime + "ListPodSandbox",
      Runtime_V1_ListPodSandboxRequest.with { if !labels.isEmpty { $0.filter.labelSelector = labels } })
    return answer.items
  }
}

// MARK: Containers

extension CRIClient {
  package func createContainer(
    _ config: CRI.ContainerConfig, in sandbox: String, config sandboxConfig: CRI.PodSandboxConfig
  ) async throws -> String {
    let request = Runtime_V1_CreateContainerRequest.with {
      $0.podSandboxID = sandbox
      $0.config = config
      $0.sandboxConfig = sandboxConfig
    }
    let answer: Runtime_V1_CreateContainerResponse = try await client.unary(
      Self.runtime + "CreateContainer", request)
    return answer.containerID
  }

  package func writtenBytes(by container: String) async throws -> Int64 {
    let answer: Runtime_V1_ContainerStatsResponse = try await client.unary(
      Self.runtime + "ContainerStats", Runtime_V1_ContainerStatsRequest.with { $0.containerID = container })
    return Int64(clamping: answer.stats.writableLayer.usedBytes.value)
  }

  package func startContainer(_ id: String) async throws {
    let _: Runtime_V1_StartContainerResponse = try await client.unary(
      Self.runtime + "StartContainer", Runtime_V1_StartContainerRequest.with { $0.containerID = id })
  }

  package func stopContainer(_ id: String, graceSeconds: Int64, signal: UInt32?) async throws {
    var left = graceSeconds
    if let signal, graceSeconds > 0 {
      try await ask(id, toEndBy: signal, seconds: graceSeconds)
      left = 0
    }
    let request = Runtime_V1_StopContainerRequest.with {
      $0.containerID = id
      $0.timeout = left
    }
    let _: Runtime_V1_StopContainerResponse = try await client.unary(
      Self.runtime + "StopContainer", request, timeout: .seconds(graceSeconds + 120))
  }

  package func updateContainer(_ id: String, _ resources: CRI.LinuxContainerResources) async throws {
    let request = Runtime_V1_UpdateContainerResourcesRequest.with {
      $0.containerID = id
      $0.linux = resources
    }
    let _: Runtime_V1_UpdateContainerResourcesResponse = try await client.unary(
      Self.runtime + "UpdateContainerResources", request)
  }

  package func removeContainer(_ id: String) async throws {
    let _: Runtime_V1_RemoveContainerResponse = try await client.unary(
      Self.runtime + "RemoveContainer", Runtime_V1_RemoveContainerRequest.with { $0.containerID = id })
  }

  package func containers(labels: [String: String]) async throws -> [CRI.Container] {
    let answer: Runtime_V1_ListContainersResponse = try await client.unary(
      Self.runtime + "ListContainers",
      Runtime_V1_ListContainersRequest.with { if !labels.isEmpty { $0.filter.labelSelector = labels } })
    return answer.containers
  }

  package func containerStatus(_ id: String) async throws -> CRI.ContainerStatus {
    let answer: Runtime_V1_ContainerStatusResponse = try await client.unary(
      Self.runtime + "ContainerStatus", Runtime_V1_ContainerStatusRequest.with { $0.containerID = id })
    return answer.status
  }

  package func reopenLog(of container: String) async throws {
    let _: Runtime_V1_ReopenContainerLogResponse = try await client.unary(
      Self.runtime + "ReopenContainerLog", Runtime_V1_ReopenContainerLogRequest.with { $0.containerID = container })
  }

  package func run(
    _ command: [String], in container: String, timeoutSeconds: Int64
  ) async throws -> CRI.ExecResult {
    let request = Runtime_V1_ExecSyncRequest.with {
      $0.containerID = container
      $0.cmd = command
      $0.timeout = timeoutSeconds
    }
    return try await client.unary(
      Self.runtime + "ExecSync", request, timeout: timeoutSeconds == 0 ? nil : .seconds(timeoutSeconds + 10))
  }
}

// MARK: Images

extension CRIClient {
  package func images() async throws -> [CRI.Image] {
    let answer: Runtime_V1_ListImagesResponse = try await client.unary(
      Self.image + "ListImages", Runtime_V1_ListImagesRequest())
    return answer.images
  }

  package func image(_ reference: String) async throws -> CRI.Image? {
    let answer: Runtime_V1_ImageStatusResponse = try await client.unary(
      Self.image + "ImageStatus", Runtime_V1_ImageStatusRequest.with { $0.image.image = reference })
    return answer.hasImage ? answer.image : nil
  }

  package func pullImage(
    _ reference: String, credentials: CRI.RegistryCredentials?, sandbox: CRI.PodSandboxConfig
  ) async throws -> String {
    let request = Runtime_V1_PullImageRequest.with {
      $0.image.image = reference
      if let credentials { $0.auth = credentials }
      $0.sandboxConfig = sandbox
    }
    let answer: Runtime_V1_PullImageResponse = try await client.unary(
      Self.image + "PullImage", request, timeout: .minutes(30))
    return answer.imageRef
  }

  package func removeImage(_ reference: String) async throws {
    let _: Runtime_V1_RemoveImageResponse = try await client.unary(
      Self.image + "RemoveImage", Runtime_V1_RemoveImageRequest.with { $0.image.image = reference })
  }
}
