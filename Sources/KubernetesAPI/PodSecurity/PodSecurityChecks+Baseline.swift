import JSONTree

/// The checks of the level `baseline`.
extension PodSecurityCheck {
  private typealias Words = PodSecurityWords

  static let baseline: [PodSecurityCheck] = [
    PodSecurityCheck(id: "appArmorProfile", level: .baseline, versions: [.init(since: 0, body: appArmor)]),
    PodSecurityCheck(id: "capabilities_baseline", level: .baseline, versions: [.init(since: 0, body: capabilities)]),
    PodSecurityCheck(id: "hostNamespaces", level: .baseline, versions: [.init(since: 0, body: hostNamespaces)]),
    PodSecurityCheck(id: "hostPathVolumes", level: .baseline, versions: [.init(since: 0, body: hostPathVolumes)]),
    PodSecurityCheck(id: "hostPorts", level: .baseline, versions: [.init(since: 0, body: hostPorts)]),
    PodSecurityCheck(
      id: "hostProbesAndHostLifecycle", level: .baseline, versions: [.init(since: 34, body: probeHosts)]),
    PodSecurityCheck(id: "privileged", level: .baseline, versions: [.init(since: 0, body: privileged)]),
    PodSecurityCheck(
      id: "procMount", level: .baseline,
      versions: [
        .init(since: 0, body: procMount), .init(since: 35) { $0.hasOwnUsers ? nil : procMount($0) },
      ]),
    PodSecurityCheck(
      id: "seLinuxOptions", level: .baseline,
      versions: [
        .init(since: 0) { seLinux($0, types: ["container_t", "container_init_t", "container_kvm_t"]) },
        .init(since: 31) {
          seLinux($0, types: ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"])
        },
      ]),
    PodSecurityCheck(
      id: "seccompProfile_baseline", level: .baseline,
      versions: [.init(since: 0, body: seccompAnnotations), .init(since: 19, body: seccompProfiles)]),
    PodSecurityCheck(id: "sysctls", level: .baseline, versions: sysctlVersions),
    PodSecurityCheck(id: "windowsHostProcess", level: .baseline, versions: [.init(since: 0, body: hostProcess)]),
  ]

  // MARK: The host's namespaces, files and ports

  private static func hostNamespaces(_ pod: PodSecuritySubject) -> PodSecurityViolation? {
    let shared = ["hostNetwork", "hostPID", "hostIPC"].filter { pod.spec[$0] == true }
    guard !shared.isEmpty else { return nil }
    return .init(reason: "host namespaces", detail: shared.map { "\($0)=true" }.joined(separator: ", "))
  }

  private static func hostPathVolumes(_ pod: PodSecuritySubject) -> PodSecurityViolation? {
    let names = (pod.spec["volumes"]?.items ?? []).filter { $0["hostPath"] != nil }.map { $0["name"]?.string ?? "" }
    guard !names.isEmpty else { return nil }
    return .init(
      reason: "hostPath volumes", detail: "\(Words.plural("volume", names.count)) \(Words.quoted(names))")
  }

  private static func hostPorts(_ pod: PodSecuritySubject) -> PodSecurityViolation? {
    var ports: Set<String> = []
    let names = pod.names { container in
      let used = (container["ports"]?.items ?? []).compactMap { $0["hostPort"]?.int }.filter { $0 != 0 }
      ports.formUnion(used.map(String.init))
      return !used.isEmpty
    }
    guard !names.isEmpty else { return nil }
    return .init(
      reason: "hostPort",
      detail: "\(Words.containers(names)) \(names.count == 1 ? "uses" : "use") "
        + "\(Words.plural("hostPort", ports.count)) \(ports.sorted().joined(separator: ", "))")
  }

  private static func probeHosts(_ pod: PodSecuritySubject) -> PodSecurityViolation? {
    var hosts: Set<String> = []
    let names = Set(
      pod.names { container in
        let handlers =
          ["livenessProbe", "readinessProbe", "startupProbe"].compactMap { container[$0] }
          + ["postStart", "preStop"].compactMap { container[path: "lifecycle", $0] }
        let named = handlers.flatMap { handler in
          ["httpGet", "tcpSocket"].compactMap { handler[path: $0, "host"]?.string }.filter { !$0.isEmpty }
        }
        hosts.formUnion(named)
        return !named.isEmpty
      })
    guard !names.isEmpty else { return nil }
    return .init(
      reason: "probe or lifecycle host",
      detail: "\(Words.containers(names.sorted())) \(names.count == 1 ? "uses" : "use") "
        + "\(Words.plural("probe or lifecycle host", hosts.count)) \(Words.quoted(hosts.sorted()))")
  }

  private static func hostProcess(_ pod: PodSecuritySubject) -> PodSecurityViolation? {
    func isBad(_ context: JSON?) -> Bool { context?[path: "windowsOptions", "hostProcess"] == true }
    let names = pod.names { isBad($0["securityContext"]) }
    return Words.setters(pod: isBad(pod.context), names).map {
      .init(reason: "hostProcess", detail: "\($0) must not set securityContext.windowsOptions.hostProcess=true")
    }
  }

  // MARK: Privileges

  private static func privileged(_ pod: PodSecuritySubject) -> PodSecurityViolation? {
    let names = pod.names { $0[path: "securityContext", "privileged"] == true }
    guard !names.isEmpty else { return nil }
    return .init(
      reason: "privileged", detail: "\(Words.containers(names)) must not set securityContext.privileged=true")
  }

  private static let defaultCapabilities: Set<String> = [
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
    "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
  ]

  private static func capabilities(_ pod: PodSecuritySubject) -> PodSecurityViolation? {
    var added: Set<String> = []
    let names = pod.names { container in
      let beyond = (container[path: "securityContext", "capabilities", "add"]?.items ?? []).compactMap(\.string)
        .filter { !defaultCapabilities.contains($0) }
      added.formUnion(beyond)
      return !beyond.isEmpty
    }
    guard !names.isEmpty else { return nil }
    return .init(
      reason: "non-default capabilities",
      detail: "\(Words.containers(names)) must not include \(Words.quoted(added.sorted())) in "
        + "securityContext.capabilities.add")
  }

  static func procMount(_ pod: PodSecuritySubject) -> PodSecurityViolation? {
    var types: Set<String> = []
    let names = pod.names { container in
      guard let type = container[path: "securityContext", "procMount"]?.string, type != "Default" else { return false }
      types.insert(type)
      return true
    }
    guard !names.isEmpty else { return nil }
    return .init(
      reason: "procMount",
      detail: "\(Words.containers(names)) must not set securityContext.procMount to \(Words.quoted(types.sorted()))")
  }

  private static let sysctlVersions: [Version] = {
    let first: Set<String> = [
      "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies",
      "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start",
    ]
    let added: [(since: Int, names: [String])] = [
      (0, []), (27, ["net.ipv4.ip_local_reserved_ports"]),
      (
        29,
        [
          "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
          "net.ipv4.tcp_keepalive_probes",
        ]
      ),
      (32, ["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]),
    ]
    var allowed = first
    return added.map { since, names in
      allowed.formUnion(names)
      return Version(since: since) { [allowed] pod in
        let set = (pod.context["sysctls"]?.items ?? []).compactMap { $0["name"]?.string }
        let beyond = set.filter { !allowed.contains($0) }
        return beyond.isEmpty ? nil : .init(reason: "forbidden sysctls", detail: beyond.joined(separator: ", "))
      }
    }
  }()
}
