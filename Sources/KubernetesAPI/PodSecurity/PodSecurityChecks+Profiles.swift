import JSONTree

/// The checks of security modules' and system call profiles.
extension PodSecurityCheck {
  private typealias Words = PodSecurityWords

  // MARK: AppArmor

  private static let appArmorAnnotation = "container.apparmor.security.beta.kubernetes.io/"

  static func appArmor(_ pod: PodSecuritySubject) -> PodSecurityViolation? {
    var values: Set<String> = []
    func isBad(_ context: JSON?) -> Bool {
      guard let profile = context?["appArmorProfile"] else { return false }
      let type = profile["type"]?.string ?? ""
      guard type != "RuntimeDefault", type != "Localhost" else { return false }
      values.insert(type)
      return true
    }
    let isPodBad = isBad(pod.context)
    let names = pod.names { isBad($0["securityContext"]) }
    let annotations = pod.annotations.filter { key, value in
      key.hasPrefix(appArmorAnnotation) && !value.isEmpty && value != "runtime/default"
        && !value.hasPrefix("localhost/")
    }.map { "\($0.key)=\($0.value.goQuoted)" }.sorted()
    var setters = [Words.setters(pod: isPodBad, names)].compactMap { $0 }
    if !annotations.isEmpty { setters.append(Words.plural("annotation", annotations.count)) }
    guard !setters.isEmpty else { return nil }
    let all = values.sorted() + annotations
    return .init(
      reason: Words.plural("forbidden AppArmor profile", all.count),
      detail: "\(setters.joined(separator: " and ")) must not set AppArmor profile type to \(Words.quoted(all))")
  }

  // MARK: SELinux

  static func seLinux(_ pod: PodSecuritySubject, types allowed: Set<String>) -> PodSecurityViolation? {
    var types: Set<String> = []
    var setsUser = false
    var setsRole = false
    func isBad(_ context: JSON?) -> Bool {
      guard let options = context?["seLinuxOptions"] else { return false }
      func text(_ member: String) -> String { options[member]?.string ?? "" }
      let hasBadType = !text("type").isEmpty && !allowed.contains(text("type"))
      if hasBadType { types.insert(text("type")) }
      if !text("user").isEmpty { setsUser = true }
      if !text("role").isEmpty { setsRole = true }
      return hasBadType || !text("user").isEmpty || !text("role").isEmpty
    }
    let isPodBad = isBad(pod.context)
    let names = pod.names { isBad($0["securityContext"]) }
    guard let setters = Words.setters(pod: isPodBad, names) else { return nil }
    var faults: [String] = []
    if !types.isEmpty { faults.append("\(Words.plural("type", types.count)) \(Words.quoted(types.sorted()))") }
    if setsUser { faults.append("user may not be set") }
    if setsRole { faults.append("role may not be set") }
    return .init(
      reason: "seLinuxOptions",
      detail: "\(setters) set forbidden securityContext.seLinuxOptions: \(faults.joined(separator: "; "))")
  }

  // MARK: Seccomp

  private static let seccompPod = "seccomp.security.alpha.kubernetes.io/pod"
  private static let seccompContainer = "container.seccomp.security.alpha.kubernetes.io/"

  static func seccompAnnotations(_ pod: PodSecuritySubject) -> PodSecurityViolation? {
    let keys = [seccompPod] + pod.names { _ in true }.map { seccompContainer + $0 }
    let bad = keys.compactMap { key -> String? in
      guard let value = pod.annotations[key], value != "runtime/default", value != "docker/default",
        !value.hasPrefix("localhost/")
      else { return nil }
      return "\(key)=\(value.goQuoted)"
    }
    let unique = Set(bad).sorted()
    guard !unique.isEmpty else { return nil }
    return .init(
      reason: "seccompProfile",
      detail: "forbidden \(Words.plural("annotation", unique.count)) \(unique.joined(separator: ", "))")
  }

  static func isAllowedSeccomp(_ profile: JSON) -> Bool {
    profile["type"] == "RuntimeDefault" || profile["type"] == "Localhost"
  }

  static func seccompProfiles(_ pod: PodSecuritySubject) -> PodSecurityViolation? {
    var values: Set<String> = []
    func isBad(_ context: JSON?) -> Bool {
      guard let profile = context?["seccompProfile"], !isAllowedSeccomp(profile) else { return false }
      values.insert(profile["type"]?.string ?? "")
      return true
    }
    let isPodBad = isBad(pod.context)
    let names = pod.names { isBad($0["securityContext"]) }
    return Words.setters(pod: isPodBad, names).map {
      .init(
        reason: "seccompProfile",
        detail: "\($0) must not set securityContext.seccompProfile.type to \(Words.quoted(values.sorted()))")
    }
  }
}
