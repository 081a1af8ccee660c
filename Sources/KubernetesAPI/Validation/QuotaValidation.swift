import JSONTree

/// Quotas and limit ranges.
enum QuotaValidation {
  private static let path = FieldPath("spec")
  private static let plain: Set<String> = [
    "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage",
    "requests.storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods", "services",
    "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "resourcequotas",
    "services.nodeports", "services.loadbalancers",
  ]
  private static let scopes: Set<String> = [
    "Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
  ]
  private static let exclusive = [("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")]

  static func judgeQuota(_ object: JSON) -> [FieldError] {
    let hard = object.spec["hard"]?.object ?? [:]
    var faults: [FieldError] = []
    for member in hard.members {
      let here = path.child("hard")[key: member.key]
      faults += resourceFaults(member.key, here)
      faults += amountFaults(member.key, member.value, here)
    }
    let names = hard.members.map(\.key)
    let given = (object.spec["scopes"]?.items ?? []).compactMap(\.string)
    faults += scopeFaults(given, names, path.child("scopes"))
    let terms = object.spec[path: "scopeSelector", "matchExpressions"]?.items ?? []
    let here = path.child("scopeSelector").child("matchExpressions")
    faults += scopeFaults(terms.compactMap { $0["scopeName"]?.string }, names, here.child("scopeName"))
    for term in terms { faults += termFaults(term, here) }
    return faults
  }

  private static func resourceFaults(_ name: String, _ path: FieldPath) -> [FieldError] {
    let faults = NameRules.qualifiedName(name.replacing("requests.", with: "")).map {
      FieldError.invalid(path, .string(name), $0)
    }
    if !faults.isEmpty { return faults }
    let isKnown =
      plain.contains(name) || name.contains("/") || name.hasPrefix("count/") || name.hasPrefix("requests.hugepages-")
      || name.hasPrefix("hugepages-") || name.hasPrefix("limits.hugepages-")
      || name.contains(".storageclass.storage.k8s.io/")
    return isKnown ? [] : [.invalid(path, .string(name), "must be a standard resource for quota")]
  }

  private static func amountFaults(_ name: String, _ value: JSON, _ path: FieldPath) -> [FieldError] {
    guard let amount = try? Quantity(json: value) else { return [] }
    if amount.isNegative { return [.invalid(path, value, "must be greater than or equal to 0")] }
    let isWhole = !name.hasSuffix("cpu") && !name.hasSuffix("memory") && !name.contains("storage")
    if isWhole, amount.milliValue % 1000 != 0 { return [.invalid(path, value, "must be an integer")] }
    return []
  }

  private static func scopeFaults(_ given: [String], _ resources: [String], _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    for scope in given {
      let shown = JSON.array(given.map { .string($0) })
      guard scopes.contains(scope) else {
        faults.append(.invalid(path, shown, "unsupported scope"))
        continue
      }
      for resource in resources where !fits(resource, scope) {
        faults.append(.invalid(path, shown, "unsupported scope applied to resource"))
      }
    }
    for (one, other) in exclusive where given.contains(one) && given.contains(other) {
      faults.append(
        .invalid(path, .array(given.map { .string($0) }), "conflicting scopes"))
    }
    return faults
  }

  /// Which resources a scope can count.
  private static func fits(_ resource: String, _ scope: String) -> Bool {
    switch scope {
    case "BestEffort": resource == "pods" || resource == "count/pods"
    case "VolumeAttributesClass": resource.contains("persistentvolumeclaims") || resource.contains("storage")
    default:
      resource == "pods" || resource == "count/pods" || resource.hasSuffix("cpu") || resource.hasSuffix("memory")
        || resource.hasSuffix("ephemeral-storage") || resource.contains("hugepages-") || resource.hasPrefix("requests.")
    }
  }

  private static func termFaults(_ term: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    let scope = term["scopeName"]?.string ?? ""
    let values = term["values"]?.items ?? []
    let operation = term["operator"]?.string ?? ""
    if scope != "PriorityClass", scope != "VolumeAttributesClass", scopes.contains(scope), operation != "Exists" {
      faults.append(
        .invalid(
          path.child("operator"), .string(operation),
          "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
            + "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or "
            + "ResourceQuotaScopeCrossNamespacePodAffinity"))
    }
    switch operation {
    case "In", "NotIn":
      if values.isEmpty {
        faults.append(
          .required(
            path.child("values"), "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"))
      }
    case "Exists", "DoesNotExist":
      if !values.isEmpty {
        faults.append(
          .invalid(
            path.child("values"), .array(values),
            "must be no value when `operator` is 'Exists' or 'DoesNotExist' for scope selector"))
      }
    default: faults.append(.invalid(path.child("operator"), .string(operation), "not a valid selector operator"))
    }
    return faults
  }

  static func compareQuotas(_ old: JSON, _ new: JSON) -> [FieldError] {
    func sorted(_ object: JSON) -> [String] { (object.spec["scopes"]?.items ?? []).compactMap(\.string).sorted() }
    guard sorted(old) != sorted(new) else { return [] }
    return [.invalid(path.child("scopes"), new.spec["scopes"] ?? .null, "field is immutable")]
  }

  // MARK: LimitRange

  static func judgeLimitRange(_ object: JSON) -> [FieldError] {
    var faults: [FieldError] = []
    var seen: Set<String> = []
    for (index, item) in (object.spec["limits"]?.items ?? []).enumerated() {
      let here = path.child("limits")[index]
      let type = item["type"]?.string ?? ""
      if type.isEmpty || (!["Container", "Pod", "PersistentVolumeClaim"].contains(type) && !type.contains("/")) {
        faults.append(.invalid(here.child("type"), .string(type), "must be a standard limit type or fully qualified"))
      }
      if !seen.insert(type).inserted {
        faults.append(.duplicate(here.child("type"), .string(type)))
        continue
      }
      faults += itemFaults(item, type, here)
    }
    return faults
  }

  private static func itemFaults(_ item: JSON, _ type: String, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    if type == "Pod" {
      for name in ["default", "defaultRequest"] where item[name]?.object?.isEmpty == false {
        faults.append(.forbidden(path.child(name), "may not be specified when `type` is 'Pod'"))
      }
    }
    if type == "PersistentVolumeClaim", item[path: "min", "storage"] == nil, item[path: "max", "storage"] == nil {
      faults.append(.required(path, "either minimum or maximum storage value is required, but neither was provided"))
    }
    var resources: [String] = []
    for name in ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] {
      for member in item[name]?.object?.members ?? [] where !resources.contains(member.key) {
        resources.append(member.key)
      }
    }
    func amount(_ name: String, _ resource: String) -> Quantity? {
      item[name]?[resource].flatMap { try? Quantity(json: $0) }
    }
    for resource in resources {
      // Each of these may not be greater than the next.
      let order = ["min", "defaultRequest", "default", "max"].compactMap { name in
        amount(name, resource).map { (name, $0) }
      }
      for low in order.indices {
        for high in order[(low + 1)...] where order[low].1 > high.1 {
          let names = ["min": "min", "max": "max", "default": "default", "defaultRequest": "default request"]
          faults.append(
            .invalid(
              path.child(order[low].0)[key: resource], .string(order[low].1.description),
              "\(names[order[low].0] ?? "") value \(order[low].1) is greater than "
                + "\(names[high.0] ?? "") value \(high.1)"))
        }
      }
      if let ratio = amount("maxLimitRequestRatio", resource), ratio.milliValue < 1000 {
        faults.append(
          .invalid(
            path.child("maxLimitRequestRatio")[key: resource], .string(ratio.description),
            "ratio \(ratio) is less than 1"))
      }
    }
    return faults
  }
}
