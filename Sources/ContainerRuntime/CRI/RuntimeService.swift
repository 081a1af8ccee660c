package import LinuxKernel

/// What the node agent asks of a container runtime. ``CRIClient`` asks containerd; tests bring a fake.
///
/// Every call throws ``ContainerRuntimeError``. Stop and remove succeed where there is nothing left to do.
package protocol RuntimeService: Sendable {
  func version() async throws -> CRI.VersionResponse
  /// `RuntimeReady`, `NetworkReady` and whatever else the runtime says of itself.
  func conditions() async throws -> [CRI.RuntimeCondition]

  /// Makes the sandbox with its network; returns its id.
  /// - Parameter handler: the name of one of the runtime's ways to run containers; empty: the usual one.
  func runSandbox(_ config: CRI.PodSandboxConfig, handler: String) async throws -> String
  func stopSandbox(_ id: String) async throws
  func removeSandbox(_ id: String) async throws
  func sandboxStatus(_ id: String) async throws -> CRI.PodSandboxStatus
  /// The sandboxes that carry all of `labels`.
  func sandboxes(labels: [String: String]) async throws -> [CRI.PodSandbox]

  /// Makes a container without starting it; returns its id.
  func createContainer(
    _ config: CRI.ContainerConfig, in sandbox: String, config sandboxConfig: CRI.PodSandboxConfig
  ) async throws -> String
  func startContainer(_ id: String) async throws
  /// Sends the stop signal, and SIGKILL after `graceSeconds`; returns when the container has ended.
  /// - Parameter signal: the number of another one than the image names; `nil`: the image's, or SIGTERM.
  func stopContainer(_ id: String, graceSeconds: Int64, signal: UInt32?) async throws
  /// Gives a container that runs other resources. What is 0 stays as it is.
  func updateContainer(_ id: String, _ resources: CRI.LinuxContainerResources) async throws
  func removeContainer(_ id: String) async throws
  /// The containers, ended ones included, that carry all of `labels`.
  func containers(labels: [String: String]) async throws -> [CRI.Container]
  func containerStatus(_ id: String) async throws -> CRI.ContainerStatus
  /// The bytes that a container has written to its own layer, as far as the runtime knows yet.
  func writtenBytes(by container: String) async throws -> Int64
  /// Has the runtime write to a new file at the log's path, the old one having been renamed.
  func reopenLog(of container: String) async throws

  /// Runs a command to its end and collects its output. Throws `deadlineExceeded` past `timeoutSeconds`.
  func run(_ command: [String], in container: String, timeoutSeconds: Int64) async throws -> CRI.ExecResult
  /// Starts a command whose streams stay open.
  func exec(_ request: ExecRequest) async throws -> any ExecSession
  /// Joins the streams of a running container's first process; the request's command is not looked at.
  func attach(_ request: ExecRequest) async throws -> any ExecSession
  /// The network namespace that a sandbox's containers share; the node's own where the pod is on the host's network.
  func networkNamespace(ofSandbox id: String) async throws -> NetworkNamespace

  func images() async throws -> [CRI.Image]
  /// The image's record; `nil` where the runtime does not have it.
  func image(_ reference: String) async throws -> CRI.Image?
  /// Returns the reference that names exactly what was pulled.
  func pullImage(
    _ reference: String, credentials: CRI.RegistryCredentials?, sandbox: CRI.PodSandboxConfig
  ) async throws -> String
  func removeImage(_ reference: String) async throws

  /// Starts and ends of containers and sandboxes from now on. Ends by throwing when the connection is lost: whoever
  /// follows it lists again and subscribes anew.
  func events() async throws -> AsyncThrowingStream<RuntimeEvent, any Error>
}

extension RuntimeService {
  package func runSandbox(_ config: CRI.PodSandboxConfig) async throws -> String {
    try await runSandbox(config, handler: "")
  }

  package func stopContainer(_ id: String, graceSeconds: Int64) async throws {
    try await stopContainer(id, graceSeconds: graceSeconds, signal: nil)
  }
}
