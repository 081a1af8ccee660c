import JSONTree

/// Disruption budgets, autoscalers and priorities.
enum ScalingValidation {
  private static let path = FieldPath("spec")

  static func judgeBudget(_ object: JSON) -> [FieldError] {
    let spec = object.spec
    var faults: [FieldError] = []
    if let least = spec["minAvailable"], spec["maxUnavailable"] != nil {
      faults.append(.invalid(path, least, "minAvailable and maxUnavailable cannot be both set"))
    }
    for name in ["minAvailable", "maxUnavailable"] {
      faults += WorkloadValidation.amountFaults(spec[name], path.child(name), limit: 100)
    }
    if let selector = spec["selector"] { faults += SelectorValidation.faults(selector, path.child("selector")) }
    let policy = spec["unhealthyPodEvictionPolicy"]?.string
    if let policy, policy != "IfHealthyBudget", policy != "AlwaysAllow" {
      faults.append(
        .notSupported(
          path.child("unhealthyPodEvictionPolicy"), .string(policy), ["AlwaysAllow", "IfHealthyBudget"]))
    }
    return faults
  }

  static func judgeAutoscaler(_ object: JSON) -> [FieldError] {
    let spec = object.spec
    var faults: [FieldError] = []
    let least = spec["minReplicas"]?.int ?? 1
    let most = spec["maxReplicas"]?.int ?? 0
    if least < 1 {
      faults.append(.invalid(path.child("minReplicas"), .int(least), "must be greater than or equal to 1"))
    }
    if most < 1 {
      faults.append(.invalid(path.child("maxReplicas"), .int(most), "must be greater than 0"))
    }
    if most < least {
      faults.append(
        .invalid(path.child("maxReplicas"), .int(most), "must be greater than or equal to `minReplicas`"))
    }
    let target = spec["scaleTargetRef"] ?? [:]
    let here = path.child("scaleTargetRef")
    for name in ["kind", "name"] {
      let text = target[name]?.string ?? ""
      if text.isEmpty {
        faults.append(.required(here.child(name)))
      } else {
        faults += AccessValidation.pathSegmentFaults(text).map { .invalid(here.child(name), .string(text), $0) }
      }
    }
    for (index, metric) in (spec["metrics"]?.items ?? []).enumerated() {
      faults += metricFaults(metric, path.child("metrics")[index])
    }
    return faults
  }

  private static let sources = [
    "Object": "object", "Pods": "pods", "Resource": "resource", "ContainerResource": "containerResource",
    "External": "external",
  ]

  private static func metricFaults(_ metric: JSON, _ path: FieldPath) -> [FieldError] {
    let type = metric["type"]?.string ?? ""
    if type.isEmpty { return [.required(path.child("type"), "must specify a metric source type")] }
    guard let name = sources[type] else {
      return [.notSupported(path.child("type"), .string(type), Array(sources.keys))]
    }
    guard let source = metric[name] else {
      return [.required(path.child(name), "must populate information for the given metric source")]
    }
    let here = path.child(name)
    var faults: [FieldError] = []
    let target = source["target"] ?? [:]
    switch target["type"]?.string ?? "" {
    case "Utilization", "Value", "AverageValue": break
    case "": faults.append(.required(here.child("target").child("type"), "must specify a metric target type"))
    case let text:
      faults.append(
        .invalid(
          here.child("target").child("type"), .string(text), "must be either Utilization, Value, or AverageValue"))
    }
    if let share = target["averageUtilization"]?.int, share < 1 {
      faults.append(.invalid(here.child("target").child("averageUtilization"), .int(share), "must be greater than 0"))
    }
    return faults
  }

  private static let highestUserPriority: Int64 = 1_000_000_000
  private static let systemPriorities: [String: Int64] = [
    "system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000,
  ]

  static func judgePriorityClass(_ object: JSON) -> [FieldError] {
    var faults: [FieldError] = []
    let value = object["value"]?.int ?? 0
    if object.name.hasPrefix("system-") {
      if systemPriorities[object.name] != value || object["globalDefault"] == true {
        faults.append(
          .forbidden(
            FieldPath("metadata", "name"),
            "priority class names with 'system-' prefix are reserved for system use only"))
      }
    } else if value > highestUserPriority {
      faults.append(
        .forbidden(
          FieldPath("value"), "maximum allowed value of a user defined priority is \(highestUserPriority)"))
    }
    if let policy = object["preemptionPolicy"]?.string, policy != "PreemptLowerPriority", policy != "Never" {
      faults.append(
        .notSupported(FieldPath("preemptionPolicy"), .string(policy), ["Never", "PreemptLowerPriority"]))
    }
    return faults
  }

  static func comparePriorityClasses(_ old: JSON, _ new: JSON) -> [FieldError] {
    var faults: [FieldError] = []
    if (old["value"]?.int ?? 0) != (new["value"]?.int ?? 0) {
      faults.append(.forbidden(FieldPath("value"), "may not be changed in an update."))
    }
    if old["preemptionPolicy"] != new["preemptionPolicy"] {
      faults.append(.invalid(FieldPath("preemptionPolicy"), new["preemptionPolicy"] ?? .null, "field is immutable"))
    }
    return faults
  }
}
