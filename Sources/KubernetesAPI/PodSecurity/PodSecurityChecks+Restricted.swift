import JSONTree

/// The checks that the level `restricted` has beyond `baseline`.
extension PodSecurityCheck {
  private typealias Words = PodSecurityWords

  static let restricted: [PodSecurityCheck] = [
    PodSecurityCheck(
      id: "allowPrivilegeEscalation", level: .restricted,
      versions: [
        .init(since: 8, body: privilegeEscalation), .init(since: 25) { $0.isWindows ? nil : privilegeEscalation($0) },
      ]),
    PodSecurityCheck(
      id: "capabilities_restricted", level: .restricted,
      versions: [
        .init(since: 22, overrides: ["capabilities_baseline"], body: allCapabilities),
        .init(since: 25, overrides: ["capabilities_baseline"]) { $0.isWindows ? nil : allCapabilities($0) },
      ]),
    PodSecurityCheck(
      id: "procMount_restricted", level: .restricted,
      versions: [.init(since: 35, overrides: ["procMount"], body: procMount)]),
    PodSecurityCheck(
      id: "restrictedVolumes", level: .restricted,
      versions: [.init(since: 0, overrides: ["hostPathVolumes"], body: volumes)]),
    PodSecurityCheck(
      id: "runAsNonRoot", level: .restricted,
      versions: [.init(since: 0, body: nonRoot), .init(since: 35) { $0.hasOwnUsers ? nil : nonRoot($0) }]),
    PodSecurityCheck(
      id: "runAsUser", level: .restricted,
      versions: [.init(since: 23, body: user), .init(since: 35) { $0.hasOwnUsers ? nil : user($0) }]),
    PodSecurityCheck(
      id: "seccompProfile_restricted", level: .restricted,
      versions: [
        .init(since: 19, overrides: ["seccompProfile_baseline"], body: requiredSeccomp),
        .init(since: 25, overrides: ["seccompProfile_baseline"]) { $0.isWindows ? nil : requiredSeccomp($0) },
      ]),
  ]

  private static func privilegeEscalation(_ pod: PodSecuritySubject) -> PodSecurityViolation? {
    let names = pod.names { $0[path: "securityContext", "allowPrivilegeEscalation"] != false }
    guard !names.isEmpty else { return nil }
    return .init(
      reason: "allowPrivilegeEscalation != false",
      detail: "\(Words.containers(names)) must set securityContext.allowPrivilegeEscalation=false")
  }

  private static func allCapabilities(_ pod: PodSecuritySubject) -> PodSecurityViolation? {
    var added: Set<String> = []
    func listed(_ container: JSON, _ list: String) -> [String] {
      (container[path: "securityContext", "capabilities", list]?.items ?? []).compactMap(\.string)
    }
    let keeping = pod.names { !listed($0, "drop").contains("ALL") }
    let adding = pod.names { container in
      let beyond = listed(container, "add").filter { $0 != "NET_BIND_SERVICE" }
      added.formUnion(beyond)
      return !beyond.isEmpty
    }
    var details: [String] = []
    if !keeping.isEmpty {
      details.append(#"\#(Words.containers(keeping)) must set securityContext.capabilities.drop=["ALL"]"#)
    }
    if !adding.isEmpty {
      details.append(
        "\(Words.containers(adding)) must not include \(Words.quoted(added.sorted())) in "
          + "securityContext.capabilities.add")
    }
    guard !details.isEmpty else { return nil }
    return .init(reason: "unrestricted capabilities", detail: details.joined(separator: "; "))
  }

  private static let allowedVolumes = [
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret",
  ]

  /// The volume types there are besides, in the order in which upstream looks for them.
  private static let refusedVolumes = [
    "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi", "glusterfs", "rbd",
    "flexVolume", "cinder", "cephfs", "flocker", "fc", "azureFile", "vsphereVolume", "quobyte", "azureDisk",
    "photonPersistentDisk", "portworxVolume", "scaleIO", "storageos",
  ]

  private static func volumes(_ pod: PodSecuritySubject) -> PodSecurityViolation? {
    let bad = (pod.spec["volumes"]?.items ?? []).filter { volume in
      !allowedVolumes.contains { volume[$0] != nil }
    }
    guard !bad.isEmpty else { return nil }
    let types = Set(bad.map { volume in refusedVolumes.first { volume[$0] != nil } ?? "unknown" })
    return .init(
      reason: "restricted volume types",
      detail: "\(Words.plural("volume", bad.count)) \(Words.quoted(bad.map { $0["name"]?.string ?? "" })) "
        + "\(bad.count == 1 ? "uses" : "use") \(Words.plural("restricted volume type", types.count)) "
        + Words.quoted(types.sorted()))
  }

  private static func nonRoot(_ pod: PodSecuritySubject) -> PodSecurityViolation? {
    let ofPod = pod.context["runAsNonRoot"]?.bool
    let refusing = pod.names { $0[path: "securityContext", "runAsNonRoot"] == false }
    if let setters = Words.setters(pod: ofPod == false, refusing) {
      return .init(
        reason: "runAsNonRoot != true", detail: "\(setters) must not set securityContext.runAsNonRoot=false")
    }
    let silent = ofPod == true ? [] : pod.names { $0[path: "securityContext", "runAsNonRoot"]?.bool == nil }
    guard !silent.isEmpty else { return nil }
    return .init(
      reason: "runAsNonRoot != true",
      detail: "pod or \(Words.containers(silent)) must set securityContext.runAsNonRoot=true")
  }

  private static func user(_ pod: PodSecuritySubject) -> PodSecurityViolation? {
    let names = pod.names { $0[path: "securityContext", "runAsUser"]?.int == 0 }
    return Words.setters(pod: pod.context["runAsUser"]?.int == 0, names).map {
      .init(reason: "runAsUser=0", detail: "\($0) must not set runAsUser=0")
    }
  }

  private static func requiredSeccomp(_ pod: PodSecuritySubject) -> PodSecurityViolation? {
    if let violation = seccompProfiles(pod) { return violation }
    // A profile of the pod is every container's that has none of its own.
    guard pod.context["seccompProfile"] == nil else { return nil }
    let silent = pod.names { $0[path: "securityContext", "seccompProfile"] == nil }
    guard !silent.isEmpty else { return nil }
    return .init(
      reason: "seccompProfile",
      detail: "pod or \(Words.containers(silent)) must set securityContext.seccompProfile.type to "
        + #""RuntimeDefault" or "Localhost""#)
  }
}
