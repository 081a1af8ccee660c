import ContainerRuntime
import JSONTree
import KubernetesAPI

/// The labels by which what runs is told apart; CNI plugins and tools read the same ones from every kubelet.
enum RuntimeLabels {
  static let podName = "io.kubernetes.pod.name"
  static let podNamespace = "io.kubernetes.pod.namespace"
  static let podUID = "io.kubernetes.pod.uid"
  static let containerName = "io.kubernetes.container.name"

  static func pod(_ pod: JSON) -> [String: String] {
    [podName: pod.name, podNamespace: pod.namespace, podUID: pod.uid]
  }
}

/// Turns a pod into CRI's sandbox configuration. The same pod gives the same configuration, after a restart too.
struct SandboxConfigBuilder: Sendable {
  let configuration: NodeAgentConfiguration
  let nodeResolver: ResolverConfiguration

  func config(for pod: JSON, attempt: UInt32) throws(NodeAgentError) -> CRI.PodSandboxConfig {
    var result = CRI.PodSandboxConfig()
    result.metadata.name = pod.name
    result.metadata.namespace = pod.namespace
    result.metadata.uid = pod.uid
    result.metadata.attempt = attempt
    if !pod.usesHostNetwork {
      result.hostname = try HostName.kernelName(of: pod, clusterDomain: configuration.clusterDomain)
    }
    result.logDirectory = configuration.logDirectory(of: pod)
    let resolver = resolver(of: pod)
    result.dnsConfig.servers = resolver.servers
    result.dnsConfig.searches = resolver.searches
    result.dnsConfig.options = resolver.options
    result.labels = pod.labels.merging(RuntimeLabels.pod(pod)) { $1 }
    result.annotations = pod.annotations
    result.linux.cgroupParent = configuration.cgroupParent(of: pod)
    result.linux.securityContext = securityContext(pod)
    for setting in pod.spec["securityContext"]?["sysctls"]?.items ?? [] {
      result.linux.sysctls[SafeSysctls.dotted(setting.containerName)] = setting["value"]?.string ?? ""
    }
    if !pod.usesHostNetwork { result.portMappings = Self.portMappings(pod) }
    return result
  }

  func resolver(of pod: JSON) -> ResolverConfiguration {
    ResolverConfiguration(
      pod: pod, node: nodeResolver, clusterServers: configuration.clusterDNS,
      clusterDomain: configuration.clusterDomain)
  }

  private func securityContext(_ pod: JSON) -> Runtime_V1_LinuxSandboxSecurityContext {
    var result = Runtime_V1_LinuxSandboxSecurityContext()
    result.namespaceOptions = Self.namespaces(pod)
    let context = pod.spec["securityContext"]
    if let user = context?["runAsUser"]?.int {
      result.runAsUser.value = user
      if let group = context?["runAsGroup"]?.int { result.runAsGroup.value = group }
    }
    if let options = context?["seLinuxOptions"] {
      result.selinuxOptions = SecurityContext.seLinuxOptions(options)
    }
    result.supplementalGroups = SecurityContext.groups(of: pod)
    result.privileged = (pod.containers + pod.initContainers).contains {
      $0["securityContext"]?["privileged"]?.bool == true
    }
    return result
  }

  static func namespaces(_ pod: JSON) -> CRI.NamespaceOption {
    var result = CRI.NamespaceOption()
    result.network = pod.usesHostNetwork ? .node : .pod
    result.ipc = pod.spec["hostIPC"]?.bool == true ? .node : .pod
    result.pid =
      pod.spec["hostPID"]?.bool == true ? .node : pod.spec["shareProcessNamespace"]?.bool == true ? .pod : .container
    return result
  }

  private static func portMappings(_ pod: JSON) -> [CRI.PortMapping] {
    (pod.containers + pod.initContainers.filter(\.isSidecar)).flatMap { container in
      (container["ports"]?.items ?? []).compactMap { port -> CRI.PortMapping? in
        var mapping = CRI.PortMapping()
        mapping.containerPort = Int32(truncatingIfNeeded: port["containerPort"]?.int ?? 0)
        mapping.hostPort = Int32(truncatingIfNeeded: port["hostPort"]?.int ?? 0)
        mapping.hostIp = port["hostIP"]?.string ?? ""
        mapping.protocol = port["protocol"]?.string == "UDP" ? .udp : port["protocol"]?.string == "SCTP" ? .sctp : .tcp
        return mapping
      }
    }
  }
}
