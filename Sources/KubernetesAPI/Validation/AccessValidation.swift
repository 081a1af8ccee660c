import JSONTree

/// Roles and their bindings.
enum AccessValidation {
  private static let group = "rbac.authorization.k8s.io"

  static func judgeRole(_ object: JSON) -> [FieldError] { ruleFaults(object, isNamespaced: true) }

  static func judgeClusterRole(_ object: JSON) -> [FieldError] {
    var faults = ruleFaults(object, isNamespaced: false)
    guard let aggregation = object["aggregationRule"] else { return faults }
    let path = FieldPath("aggregationRule", "clusterRoleSelectors")
    let selectors = aggregation["clusterRoleSelectors"]?.items ?? []
    if selectors.isEmpty {
      faults.append(.required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil"))
    }
    for (index, selector) in selectors.enumerated() {
      faults += SelectorValidation.faults(selector, path[index])
    }
    return faults
  }

  private static func ruleFaults(_ object: JSON, isNamespaced: Bool) -> [FieldError] {
    var faults: [FieldError] = []
    for (index, rule) in (object["rules"]?.items ?? []).enumerated() {
      let path = FieldPath("rules")[index]
      func isEmpty(_ name: String) -> Bool { rule[name]?.items.isEmpty ?? true }
      if isEmpty("verbs") { faults.append(.required(path.child("verbs"), "verbs must contain at least one value")) }
      if !isEmpty("nonResourceURLs") {
        if isNamespaced {
          faults.append(
            .invalid(
              path.child("nonResourceURLs"), rule["nonResourceURLs"] ?? .null,
              "namespaced rules cannot apply to non-resource URLs"))
        }
        if !isEmpty("apiGroups") || !isEmpty("resources") || !isEmpty("resourceNames") {
          faults.append(
            .invalid(
              path.child("nonResourceURLs"), rule["nonResourceURLs"] ?? .null,
              "rules cannot apply to both regular resources and non-resource URLs"))
        }
        continue
      }
      if isEmpty("apiGroups") {
        faults.append(
          .required(path.child("apiGroups"), "resource rules must supply at least one api group"))
      }
      if isEmpty("resources") {
        faults.append(.required(path.child("resources"), "resource rules must supply at least one resource"))
      }
    }
    return faults
  }

  static func judgeRoleBinding(_ object: JSON) -> [FieldError] {
    bindingFaults(object, kinds: ["ClusterRole", "Role"], isNamespaced: true)
  }

  static func judgeClusterRoleBinding(_ object: JSON) -> [FieldError] {
    bindingFaults(object, kinds: ["ClusterRole"], isNamespaced: false)
  }

  private static func bindingFaults(_ object: JSON, kinds: [String], isNamespaced: Bool) -> [FieldError] {
    var faults: [FieldError] = []
    let path = FieldPath("roleRef")
    let role = object["roleRef"] ?? [:]
    if role["apiGroup"]?.string != group {
      faults.append(.notSupported(path.child("apiGroup"), role["apiGroup"] ?? "", [group]))
    }
    if !kinds.contains(role["kind"]?.string ?? "") {
      faults.append(.notSupported(path.child("kind"), role["kind"] ?? "", kinds))
    }
    let name = role["name"]?.string ?? ""
    if name.isEmpty {
      faults.append(.required(path.child("name")))
    } else {
      faults += pathSegmentFaults(name).map { .invalid(path.child("name"), .string(name), $0) }
    }
    for (index, subject) in (object["subjects"]?.items ?? []).enumerated() {
      faults += subjectFaults(subject, FieldPath("subjects")[index], isNamespaced: isNamespaced)
    }
    return faults
  }

  private static func subjectFaults(_ subject: JSON, _ path: FieldPath, isNamespaced: Bool) -> [FieldError] {
    var faults: [FieldError] = []
    let name = subject["name"]?.string ?? ""
    if name.isEmpty { faults.append(.required(path.child("name"))) }
    let group = subject["apiGroup"]?.string ?? ""
    switch subject["kind"]?.string ?? "" {
    case "ServiceAccount":
      if !name.isEmpty {
        faults += NameRules.dnsSubdomain(name).map { .invalid(path.child("name"), .string(name), $0) }
      }
      if !group.isEmpty { faults.append(.notSupported(path.child("apiGroup"), .string(group), [""])) }
      if !isNamespaced, (subject["namespace"]?.string ?? "").isEmpty {
        faults.append(.required(path.child("namespace")))
      }
    case "User", "Group":
      if group != Self.group {
        faults.append(.notSupported(path.child("apiGroup"), .string(group), [Self.group]))
      }
    case let kind:
      faults.append(.notSupported(path.child("kind"), .string(kind), ["Group", "ServiceAccount", "User"]))
    }
    return faults
  }

  static func compareBindings(_ old: JSON, _ new: JSON) -> [FieldError] {
    guard old["roleRef"] != new["roleRef"] else { return [] }
    return [.invalid(FieldPath("roleRef"), new["roleRef"] ?? .null, "cannot change roleRef")]
  }

  /// Roles may have any name that can stand in a path.
  static func pathSegmentFaults(_ name: String) -> [String] {
    if name == "." || name == ".." { return ["may not be '\(name)'"] }
    return ["/", "%"].filter(name.contains).map { "may not contain '\($0)'" }
  }
}
