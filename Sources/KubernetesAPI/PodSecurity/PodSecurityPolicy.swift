import JSONTree

/// What a namespace's labels ask of its pods.
package struct PodSecurityPolicy: Hashable, Sendable {
  /// What pods must keep to.
  package var enforce = PodSecurityStandard(.privileged)
  /// What is noted in the audit log.
  package var audit = PodSecurityStandard(.privileged)
  /// What clients are warned of.
  package var warn = PodSecurityStandard(.privileged)

  /// Asks nothing.
  package init() {}

  private static let prefix = "pod-security.kubernetes.io/"

  /// Labels that cannot be read count as `restricted` where they refuse, as `privileged` where they only tell.
  /// - Returns: Also what is wrong with the labels.
  package static func read(_ labels: [String: String]) -> (policy: PodSecurityPolicy, faults: [FieldError]) {
    var policy = PodSecurityPolicy()
    var faults: [FieldError] = []
    guard labels.keys.contains(where: { $0.hasPrefix(prefix) }) else { return (policy, faults) }
    read(labels, "enforce", into: &policy.enforce, otherwise: .restricted, &faults)
    read(labels, "audit", into: &policy.audit, otherwise: .privileged, &faults)
    read(labels, "warn", into: &policy.warn, otherwise: .privileged, &faults)
    return (policy, faults)
  }

  private static func read(
    _ labels: [String: String], _ mode: String, into standard: inout PodSecurityStandard,
    otherwise level: PodSecurityLevel, _ faults: inout [FieldError]
  ) {
    let path = FieldPath("metadata", "labels")
    if let text = labels[prefix + mode] {
      standard.level = PodSecurityLevel(rawValue: text) ?? level
      if PodSecurityLevel(rawValue: text) == nil {
        let levels = PodSecurityLevel.allCases.map(\.rawValue).joined(separator: ", ")
        faults.append(.invalid(path[key: prefix + mode], .string(text), "must be one of \(levels)"))
      }
    }
    if let text = labels["\(prefix)\(mode)-version"] {
      standard.version = PodSecurityVersion(text) ?? .latest
      if PodSecurityVersion(text) == nil {
        faults.append(
          .invalid(path[key: "\(prefix)\(mode)-version"], .string(text), #"must be "latest" or "v1.x""#))
      }
    }
  }
}
