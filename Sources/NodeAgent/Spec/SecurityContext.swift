import ContainerRuntime
import JSONTree
import KubernetesAPI

/// A container's security settings: its own before the pod's.
enum SecurityContext {
  /// What `/proc` and `/sys` hide from a container that is not privileged; the list is the runtimes' common one.
  private static let maskedPaths = [
    "/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
    "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
  ]
  private static let readOnlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]

  static func groups(of pod: JSON) -> [Int64] {
    let context = pod.spec["securityContext"]
    return (context?["supplementalGroups"]?.items ?? []).compactMap(\.int)
      + [context?["fsGroup"]?.int].compactMap { $0 }
  }

  /// - Parameters:
  ///   - image: to know which user the image runs as, for `runAsNonRoot`.
  ///   - profiles: the folder of the node's own seccomp profiles.
  static func make(
    pod: JSON, container: JSON, image: CRI.Image, profiles: String
  ) throws(NodeAgentError) -> CRI.LinuxContainerSecurityContext {
    let podContext = pod.spec["securityContext"]
    let own = container["securityContext"]
    func setting(_ name: String) -> JSON? { own?[name] ?? podContext?[name] }

    var result = CRI.LinuxContainerSecurityContext()
    result.namespaceOptions = SandboxConfigBuilder.namespaces(pod)
    result.privileged = own?["privileged"]?.bool ?? false
    result.readonlyRootfs = own?["readOnlyRootFilesystem"]?.bool ?? false
    result.noNewPrivs = own?["allowPrivilegeEscalation"]?.bool == false
    result.supplementalGroups = groups(of: pod)
    result.capabilities.addCapabilities = (own?["capabilities"]?["add"]?.items ?? []).compactMap(\.string)
    result.capabilities.dropCapabilities = (own?["capabilities"]?["drop"]?.items ?? []).compactMap(\.string)
    if let user = setting("runAsUser")?.int {
      result.runAsUser.value = user
    } else if image.hasUid {
      result.runAsUser.value = image.uid.value
    } else if !image.username.isEmpty {
      result.runAsUsername = image.username
    }
    if let group = setting("runAsGroup")?.int {
      // CRI refuses a group without a user.
      if !result.hasRunAsUser, result.runAsUsername.isEmpty { result.runAsUser.value = 0 }
      result.runAsGroup.value = group
    }
    if setting("runAsNonRoot")?.bool == true {
      let user = setting("runAsUser")?.int
      try refuseRoot(result, user: user, pod: pod, container: container)
    }
    if let options = setting("seLinuxOptions") { result.selinuxOptions = seLinuxOptions(options) }
    // The runtime's own profile holds otherwise, where the node has AppArmor at all.
    if setting("appArmorProfile")?["type"] == "Unconfined" { result.apparmor.profileType = .unconfined }
    if !result.privileged {
      result.maskedPaths = maskedPaths
      result.readonlyPaths = readOnlyPaths
      switch setting("seccompProfile")?["type"]?.string {
      case "RuntimeDefault": result.seccomp.profileType = .runtimeDefault
      case "Localhost":
        guard let profile = setting("seccompProfile")?["localhostProfile"]?.string, !profile.isEmpty else {
          throw NodeAgentError(
            .createContainerConfigError, "localhostProfile must be set if seccompProfile type is Localhost.")
        }
        // The runtime reads it, and says so where it cannot.
        result.seccomp.profileType = .localhost
        result.seccomp.localhostRef = "\(profiles)/\(profile)"
      default: result.seccomp.profileType = .unconfined
      }
    } else {
      result.seccomp.profileType = .unconfined
    }
    return result
  }

  /// What the runtime makes of them is its own affair: without SELinux there, nothing.
  static func seLinuxOptions(_ options: JSON) -> Runtime_V1_SELinuxOption {
    var result = Runtime_V1_SELinuxOption()
    result.user = options["user"]?.string ?? ""
    result.role = options["role"]?.string ?? ""
    result.type = options["type"]?.string ?? ""
    result.level = options["level"]?.string ?? ""
    return result
  }

  /// - Parameter user: the one that the pod asks for; otherwise it is the image's.
  private static func refuseRoot(
    _ context: CRI.LinuxContainerSecurityContext, user: Int64?, pod: JSON, container: JSON
  ) throws(NodeAgentError) {
    let place = "(pod: \"\(pod.podText)\", container: \(container.containerName))"
    if user == 0 {
      throw NodeAgentError(.createContainerConfigError, "container's runAsUser breaks non-root policy \(place)")
    }
    if context.hasRunAsUser, context.runAsUser.value != 0 { return }
    throw NodeAgentError(
      .createContainerConfigError,
      context.runAsUsername.isEmpty
        ? "container has runAsNonRoot and image will run as root \(place)"
        : "container has runAsNonRoot and image has non-numeric user (\(context.runAsUsername)), cannot verify user is"
          + " non-root \(place)")
  }
}
