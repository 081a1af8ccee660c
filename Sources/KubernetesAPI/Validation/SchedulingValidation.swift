import JSONTree

/// What tells the scheduler where a pod may run.
enum SchedulingValidation {
  static func faults(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    for (index, toleration) in (spec["tolerations"]?.items ?? []).enumerated() {
      faults += tolerationFaults(toleration, path.child("tolerations")[index])
    }
    if let affinity = spec["affinity"] { faults += affinityFaults(affinity, path.child("affinity")) }
    for (index, constraint) in (spec["topologySpreadConstraints"]?.items ?? []).enumerated() {
      faults += spreadFaults(constraint, path.child("topologySpreadConstraints")[index])
    }
    for (index, gate) in (spec["readinessGates"]?.items ?? []).enumerated() {
      faults += ValueRules.text(
        gate, "conditionType", path.child("readinessGates")[index], isRequired: true, NameRules.qualifiedName)
    }
    for (index, gate) in (spec["schedulingGates"]?.items ?? []).enumerated() {
      faults += ValueRules.text(
        gate, "name", path.child("schedulingGates")[index], isRequired: true, NameRules.qualifiedName)
    }
    return faults
  }

  private static func tolerationFaults(_ toleration: JSON, _ path: FieldPath) -> [FieldError] {
    var faults = ValueRules.text(toleration, "key", path, NameRules.qualifiedName)
    let name = toleration["operator"]?.string ?? ""
    let hasKey = toleration["key"]?.string?.isEmpty == false
    if !hasKey, name != "Exists" {
      faults.append(
        .invalid(
          path.child("operator"), .string(name),
          "operator must be Exists when `key` is empty, which means \"match all values and all keys\""))
    }
    if toleration["tolerationSeconds"] != nil, toleration["effect"] != "NoExecute" {
      faults.append(
        .invalid(
          path.child("effect"), toleration["effect"] ?? "",
          "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    }
    switch name {
    case "", "Equal":
      faults += NameRules.labelValue(toleration["value"]?.string ?? "").map {
        .invalid(path.child("operator"), toleration["value"] ?? "", $0)
      }
    case "Exists":
      if let value = toleration["value"]?.string, !value.isEmpty {
        faults.append(
          .invalid(path.child("operator"), .string(value), "value must be empty when `operator` is 'Exists'"))
      }
    default: faults += ValueRules.choice(toleration, "operator", of: "Toleration", path)
    }
    return faults + ValueRules.choice(toleration, "effect", of: "Toleration", path)
  }

  private static func affinityFaults(_ affinity: JSON, _ path: FieldPath) -> [FieldError] {
    let required = "requiredDuringSchedulingIgnoredDuringExecution"
    let preferred = "preferredDuringSchedulingIgnoredDuringExecution"
    var faults: [FieldError] = []
    if let node = affinity["nodeAffinity"] {
      let here = path.child("nodeAffinity")
      if let selector = node[required] { faults += nodeSelectorFaults(selector, here.child(required)) }
      for (index, term) in (node[preferred]?.items ?? []).enumerated() {
        let place = here.child(preferred)[index]
        faults += weightFaults(term, place)
        faults += termFaults(term["preference"] ?? [:], place.child("preference"))
      }
    }
    for name in ["podAffinity", "podAntiAffinity"] {
      guard let rules = affinity[name] else { continue }
      let here = path.child(name)
      for (index, term) in (rules[required]?.items ?? []).enumerated() {
        faults += podTermFaults(term, here.child(required)[index])
      }
      for (index, term) in (rules[preferred]?.items ?? []).enumerated() {
        let place = here.child(preferred)[index]
        faults += weightFaults(term, place)
        faults += podTermFaults(term["podAffinityTerm"] ?? [:], place.child("podAffinityTerm"))
      }
    }
    return faults
  }

  private static func weightFaults(_ term: JSON, _ path: FieldPath) -> [FieldError] {
    let weight = term["weight"]?.int ?? 0
    return (1...100).contains(weight)
      ? [] : [.invalid(path.child("weight"), .int(weight), "must be in the range 1-100")]
  }

  /// Also for the node affinity of volumes.
  static func nodeSelectorFaults(_ selector: JSON, _ path: FieldPath) -> [FieldError] {
    let terms = selector["nodeSelectorTerms"]?.items ?? []
    if terms.isEmpty {
      return [.required(path.child("nodeSelectorTerms"), "must have at least one node selector term")]
    }
    return terms.enumerated().flatMap { termFaults($1, path.child("nodeSelectorTerms")[$0]) }
  }

  private static func termFaults(_ term: JSON, _ path: FieldPath) -> [FieldError] {
    (term["matchExpressions"]?.items ?? []).enumerated().flatMap { index, requirement -> [FieldError] in
      let here = path.child("matchExpressions")[index]
      let count = requirement["values"]?.items.count ?? 0
      var faults = ValueRules.text(requirement, "key", here, isRequired: true, NameRules.qualifiedName)
      switch requirement["operator"]?.string {
      case "In", "NotIn":
        if count == 0 {
          faults.append(
            .required(here.child("values"), "must be specified when `operator` is 'In' or 'NotIn'"))
        }
      case "Exists", "DoesNotExist":
        if count > 0 {
          faults.append(
            .forbidden(here.child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
        }
      case "Gt", "Lt":
        if count != 1 {
          faults.append(
            .required(here.child("values"), "must be specified single value when `operator` is 'Lt' or 'Gt'"))
        }
      default:
        faults.append(.invalid(here.child("operator"), requirement["operator"] ?? "", "not a valid selector operator"))
      }
      return faults
    }
  }

  private static func podTermFaults(_ term: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    if let selector = term["labelSelector"] {
      faults += SelectorValidation.faults(selector, path.child("labelSelector"))
    }
    let key = term["topologyKey"]?.string ?? ""
    if key.isEmpty {
      faults.append(.required(path.child("topologyKey"), "can not be empty"))
    } else {
      faults += NameRules.qualifiedName(key).map { .invalid(path.child("topologyKey"), .string(key), $0) }
    }
    return faults
  }

  private static func spreadFaults(_ constraint: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    let skew = constraint["maxSkew"]?.int ?? 0
    if skew <= 0 { faults.append(.invalid(path.child("maxSkew"), .int(skew), "must be greater than zero")) }
    if (constraint["topologyKey"]?.string ?? "").isEmpty {
      faults.append(.required(path.child("topologyKey"), "can not be empty"))
    }
    faults += ValueRules.choice(
      constraint, "whenUnsatisfiable", of: "TopologySpreadConstraint", path, isRequired: true)
    if let selector = constraint["labelSelector"] {
      faults += SelectorValidation.faults(selector, path.child("labelSelector"))
    }
    return faults
  }
}
