import ContainerRuntime
import Lab
import LinuxKernel
import NetworkTypes

/// The same container as ``BenchPod``'s by the container runtime's own calls, on the node's own containerd with the
/// node's own pod network: what no agent can be quicker than.
struct BareContainer: Sendable {
  let runtime: CRIClient
  let folder: NodeFolder
  /// The runtime's name of the image, so that both sides skip the same look-up.
  let image: String
  let name: String

  /// Starts it; returns how long the three calls took.
  func run() async throws -> (duration: Duration, sandbox: String, container: String) {
    let sandboxConfig = sandboxConfig
    let config = containerConfig
    try KernelFile.makeFolder(folder.outside("\(sandboxConfig.logDirectory)/\(config.metadata.name)"))
    let begin = ContinuousClock.now
    let sandbox = try await runtime.runSandbox(sandboxConfig)
    let container = try await runtime.createContainer(config, in: sandbox, config: sandboxConfig)
    try await runtime.startContainer(container)
    return (.now - begin, sandbox, container)
  }

  func remove(sandbox: String, container: String) async throws {
    try await runtime.stopContainer(container, graceSeconds: 2)
    try await runtime.removeContainer(container)
    try await runtime.stopSandbox(sandbox)
    try await runtime.removeSandbox(sandbox)
    try FileTree.remove(folder.outside(sandboxConfig.logDirectory))
  }

  /// Without a UID: the agent ends sandboxes that belong to a pod it does not know.
  private var sandboxConfig: CRI.PodSandboxConfig {
    var config = CRI.PodSandboxConfig()
    config.metadata.name = name
    config.metadata.namespace = BenchPod.namespace
    config.hostname = name
    config.logDirectory = "/var/log/pods/\(name)"
    config.dnsConfig.servers = [IPAddress.Family.v4.addresses.dns.description]
    config.linux.cgroupParent = "/kubepods/besteffort/\(name)"
    config.linux.securityContext.namespaceOptions = namespaces
    return config
  }

  private var containerConfig: CRI.ContainerConfig {
    var config = CRI.ContainerConfig()
    config.metadata.name = "main"
    config.image.image = image
    config.command = BenchPod.command
    config.logPath = "main/0.log"
    config.linux.securityContext.namespaceOptions = namespaces
    return config
  }

  private var namespaces: CRI.NamespaceOption {
    var options = CRI.NamespaceOption()
    options.network = .pod
    options.pid = .container
    return options
  }
}
