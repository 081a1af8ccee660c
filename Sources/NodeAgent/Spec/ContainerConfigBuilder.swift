import ContainerRuntime
import JSONTree
import KubernetesAPI

/// Turns one container of a pod into CRI's configuration.
struct ContainerConfigBuilder: Sendable {
  let pod: JSON
  let configuration: NodeAgentConfiguration
  let environment: EnvironmentBuilder
  /// Where each volume of the pod is on the node.
  let volumePaths: [String: String]
  let nodeMemory: Int64
  /// Where the parts of volumes are that the container's mounts ask for, by the mounts' indexes.
  var subPaths: [Int: String] = [:]
  /// The container whose processes this one is to see.
  var target: String?

  func config(
    for container: JSON, attempt: UInt32, image: CRI.Image, imageReference: String
  ) throws(NodeAgentError) -> CRI.ContainerConfig {
    let name = container.containerName
    // One that nobody can send is refused before it is needed.
    _ = try StopSignal.number(of: container)
    var result = CRI.ContainerConfig()
    result.metadata.name = name
    result.metadata.attempt = attempt
    result.image.image = imageReference
    result.image.userSpecifiedImage = container.image
    let variables = try environment.variables(for: container)
    var values: [String: String] = [:]
    for variable in variables { values[variable.key] = variable.value }
    result.envs = variables
    result.command = (container["command"]?.items ?? []).map { VariableExpansion.expand($0.string ?? "", with: values) }
    result.args = (container["args"]?.items ?? []).map { VariableExpansion.expand($0.string ?? "", with: values) }
    result.workingDir = container["workingDir"]?.string ?? ""
    result.mounts = try mounts(container, attempt: attempt)
    result.labels = RuntimeLabels.pod(pod).merging([RuntimeLabels.containerName: name]) { $1 }
    result.annotations = [
      "io.kubernetes.container.restartCount": "\(attempt)",
      ContainerDefinition.annotation: ContainerDefinition.hash(of: container),
    ]
    result.logPath = "\(name)/\(attempt).log"
    result.stdin = container["stdin"]?.bool ?? false
    result.stdinOnce = container["stdinOnce"]?.bool ?? false
    result.tty = container["tty"]?.bool ?? false
    let resources = ContainerResources(container: container)
    result.linux.resources = resources.linux
    result.linux.resources.oomScoreAdj = resources.outOfMemoryScore(
      quality: QualityOfService(pod: pod), nodeMemory: nodeMemory)
    result.linux.securityContext = try SecurityContext.make(
      pod: pod, container: container, image: image, profiles: configuration.seccompDirectory)
    if let target, result.linux.securityContext.namespaceOptions.pid == .container {
      result.linux.securityContext.namespaceOptions.pid = .target
      result.linux.securityContext.namespaceOptions.targetID = target
    }
    return result
  }

  private func mounts(_ container: JSON, attempt: UInt32) throws(NodeAgentError) -> [CRI.Mount] {
    var result: [CRI.Mount] = []
    let readOnly = Self.readOnlyVolumes(of: pod)
    for (index, mount) in (container["volumeMounts"]?.items ?? []).enumerated() {
      let volume = mount.containerName
      guard let path = volumePaths[volume] else {
        throw NodeAgentError(.createContainerConfigError, "volume \(volume) is mounted, but the pod does not have it")
      }
      var entry = CRI.Mount()
      let target = mount["mountPath"]?.string ?? ""
      entry.containerPath = target.hasPrefix("/") ? target : "/" + target
      entry.hostPath = subPaths[index] ?? path
      entry.readonly = mount["readOnly"]?.bool == true || readOnly.contains(volume)
      switch mount["mountPropagation"]?.string {
      case "HostToContainer": entry.propagation = .propagationHostToContainer
      case "Bidirectional": entry.propagation = .propagationBidirectional
      default: entry.propagation = .propagationPrivate
      }
      result.append(entry)
    }
    let targets = Set(result.map(\.containerPath))
    if !targets.contains("/etc/hosts") {
      var hosts = CRI.Mount()
      hosts.containerPath = "/etc/hosts"
      hosts.hostPath = configuration.directory(of: pod.uid) + "/etc-hosts"
      result.append(hosts)
    }
    if let path = container["terminationMessagePath"]?.string, !path.isEmpty, !targets.contains(path) {
      var message = CRI.Mount()
      message.containerPath = path
      message.hostPath = configuration.terminationMessagePath(
        uid: pod.uid, container: container.containerName, attempt: attempt)
      result.append(message)
    }
    return result
  }

  /// What is written here is the API's: a container that changed it would change it until the next refresh only.
  private static func readOnlyVolumes(of pod: JSON) -> Set<String> {
    let volumes = (pod.spec["volumes"]?.items ?? []).filter { volume in
      ["configMap", "secret", "downwardAPI", "projected"].contains { volume[$0] != nil }
    }
    return Set(volumes.map(\.containerName))
  }
}
