package import JSONTree

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
  /// - Parameter defaults: What holds where the labels say nothing.
  /// - Returns: Also what is wrong with the labels.
  package static func read(
    _ labels: [String: String], defaults: PodSecurityPolicy = PodSecurityPolicy()
  ) -> (policy: PodSecurityPolicy, faults: [FieldError]) {
    var policy = defaults
    var faults: [FieldError] = []
    guard labels.keys.contains(where: { $0.hasPrefix(prefix) }) else { return (policy, faults) }
    read(labels, "enforce", into: &policy.enforce, otherwise: .restricted, &faults)
    read(labels, "audit", into: &policy.audit, otherwise: .privileged, &faults)
    read(labels, "warn", into: &policy.warn, otherwise: .privileged, &faults)
    return (policy, faults)
  }

  /// What a configuration file says of namespaces without labels.
  package static func read(defaults: JSON?, _ faults: inout [FieldError]) -> PodSecurityPolicy {
    var policy = PodSecurityPolicy()
    for (mode, member) in modes {
      let path = FieldPath("defaults")
      if let text = defaults?[mode]?.string, !text.isEmpty {
        if let level = PodSecurityLevel(rawValue: text) {
          policy[keyPath: member].level = level
        } else {
          let levels = PodSecurityLevel.allCases.map(\.rawValue).joined(separator: ", ")
          faults.append(.invalid(path.child(mode), .string(text), "must be one of \(levels)"))
        }
      }
      if let text = defaults?["\(mode)-version"]?.string, !text.isEmpty {
        if let version = PodSecurityVersion(text) {
          policy[keyPath: member].version = version
        } else {
          faults.append(.invalid(path.child("\(mode)-version"), .string(text), #"must be "latest" or "v1.x""#))
        }
      }
    }
    return policy
  }

  private static var modes: [(String, WritableKeyPath<PodSecurityPolicy, PodSecurityStandard>)] {
    [("enforce", \.enforce), ("audit", \.audit), ("warn", \.warn)]
  }

  /// What labels ask for beyond `privileged`, as messages name it: `enforce=baseline:latest, warn=restricted:latest`.
  package func text(of labels: [String: String]) -> String {
    Self.modes.filter { mode, member in
      self[keyPath: member].level != .privileged
        && (labels[Self.prefix + mode] != nil || labels["\(Self.prefix)\(mode)-version"] != nil)
    }.map { "\($0)=\(self[keyPath: $1])" }.joined(separator: ", ")
  }

  /// Whether it asks nothing of anybody.
  package var isPrivileged: Bool { Self.modes.allSatisfy { self[keyPath: $1].level == .privileged } }

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
