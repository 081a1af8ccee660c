import JSONTree

/// Deployments and replica sets.
enum WorkloadValidation {
  private static let path = FieldPath("spec")

  static func judgeDeployment(_ object: JSON) -> [FieldError] {
    let spec = object.spec
    var faults = commonFaults(spec)
    faults += ValueRules.nonNegative(spec, "revisionHistoryLimit", "progressDeadlineSeconds", at: path)
    faults += strategyFaults(spec["strategy"] ?? [:])
    let ready = spec["minReadySeconds"]?.int ?? 0
    if let deadline = spec["progressDeadlineSeconds"]?.int, deadline >= 0, deadline <= ready {
      faults.append(
        .invalid(path.child("progressDeadlineSeconds"), .int(deadline), "must be greater than minReadySeconds"))
    }
    return faults
  }

  static func judgeReplicaSet(_ object: JSON) -> [FieldError] { commonFaults(object.spec) }

  /// A selector stays: pods would lose their owner.
  static func compare(_ old: JSON, _ new: JSON) -> [FieldError] {
    guard old.spec["selector"] != new.spec["selector"] else { return [] }
    return [.invalid(path.child("selector"), new.spec["selector"] ?? .null, "field is immutable")]
  }

  /// The object of a `scale` subresource.
  static func judgeScale(_ object: JSON) -> [FieldError] { ValueRules.nonNegative(object.spec, "replicas", at: path) }

  private static func commonFaults(_ spec: JSON) -> [FieldError] {
    var faults = ValueRules.nonNegative(spec, "replicas", "minReadySeconds", at: path)
    let here = path.child("selector")
    let template = spec["template"] ?? [:]
    if let selector = spec["selector"] {
      let selectorFaults = SelectorValidation.faults(selector, here)
      faults += selectorFaults
      let parsed = try? LabelSelector(object: selector)
      if let parsed, parsed.requirements.isEmpty {
        faults.append(.invalid(here, selector, "empty selector is invalid for deployment"))
      } else if let parsed, selectorFaults.isEmpty, !parsed.matches(template.labels) {
        faults.append(
          .invalid(
            path.child("template").child("metadata").child("labels"), template.metadata["labels"] ?? .null,
            "`selector` does not match template `labels`"))
      }
    } else {
      faults.append(.required(here))
    }
    let place = path.child("template")
    faults += PodValidation.templateFaults(template, place)
    if let policy = template.spec["restartPolicy"], policy != "Always" {
      faults.append(.notSupported(place.child("spec").child("restartPolicy"), policy, ["Always"]))
    }
    if template.spec["activeDeadlineSeconds"] != nil {
      faults.append(
        .forbidden(
          place.child("spec").child("activeDeadlineSeconds"),
          "activeDeadlineSeconds in ReplicaSet is not Supported"))
    }
    return faults
  }

  private static func strategyFaults(_ strategy: JSON) -> [FieldError] {
    let here = path.child("strategy")
    let rolling = strategy["rollingUpdate"]
    let place = here.child("rollingUpdate")
    switch strategy["type"]?.string {
    case "Recreate":
      guard rolling != nil else { return [] }
      return [.forbidden(place, "may not be specified when strategy `type` is 'Recreate'")]
    case "RollingUpdate":
      guard let rolling else { return [.required(place, "this should be defaulted and never be nil")] }
      var faults = amountFaults(rolling["maxUnavailable"], place.child("maxUnavailable"), limit: 100)
      faults += amountFaults(rolling["maxSurge"], place.child("maxSurge"), limit: nil)
      if isZero(rolling["maxUnavailable"]), isZero(rolling["maxSurge"]) {
        faults.append(
          .invalid(
            place.child("maxUnavailable"), rolling["maxUnavailable"] ?? 0, "may not be 0 when `maxSurge` is 0"))
      }
      return faults
    case let type?: return [.notSupported(here.child("type"), .string(type), ["Recreate", "RollingUpdate"])]
    case nil: return [.required(here.child("type"))]
    }
  }

  private static func isZero(_ value: JSON?) -> Bool { value == nil || value == 0 || value == "0%" }

  /// A number of pods, or a percentage of them.
  private static func amountFaults(_ value: JSON?, _ path: FieldPath, limit: Int?) -> [FieldError] {
    switch value {
    case .int(let number)?:
      return number < 0 ? [.invalid(path, .int(number), "must be greater than or equal to 0")] : []
    case .string(let text)?:
      guard text.hasSuffix("%"), text.utf8.count > 1, text.utf8.dropLast().allSatisfy(\.isDigit) else {
        return [
          .invalid(
            path, .string(text),
            "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', "
              + "regex used for validation is '[0-9]+%')")
        ]
      }
      if let limit, let percent = Int(text.dropLast()), percent > limit {
        return [.invalid(path, .string(text), "must not be greater than 100%")]
      }
      return []
    default: return []
    }
  }
}
