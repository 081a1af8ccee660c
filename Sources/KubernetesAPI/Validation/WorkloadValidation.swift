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

  static func judgeReplicationController(_ object: JSON) -> [FieldError] {
    let spec = object.spec
    var faults = ValueRules.nonNegative(spec, "replicas", "minReadySeconds", at: path)
    let labels = spec["selector"]?.object ?? [:]
    if labels.isEmpty { faults.append(.required(path.child("selector"))) }
    guard let template = spec["template"] else { return faults + [.required(path.child("template"))] }
    let theirs = template.metadata["labels"]
    if !labels.members.allSatisfy({ theirs?[$0.key] == $0.value }) {
      faults.append(
        .invalid(
          path.child("template").child("metadata").child("labels"), theirs ?? .null,
          "`selector` does not match template `labels`"))
    }
    return faults + templateFaults(template, name: "ReplicationController")
  }

  static func judgeDaemonSet(_ object: JSON) -> [FieldError] {
    let spec = object.spec
    var faults = selectorFaults(spec, name: "daemonset")
    faults += templateFaults(spec["template"] ?? [:], name: "DaemonSet")
    faults += ValueRules.nonNegative(spec, "minReadySeconds", "revisionHistoryLimit", at: path)
    let strategy = spec["updateStrategy"] ?? [:]
    let here = path.child("updateStrategy")
    switch strategy["type"]?.string {
    case "OnDelete"?: return faults
    case "RollingUpdate"?:
      guard let rolling = strategy["rollingUpdate"] else { return faults + [.required(here.child("rollingUpdate"))] }
      let place = here.child("rollingUpdate")
      faults += amountFaults(rolling["maxUnavailable"], place.child("maxUnavailable"), limit: 100)
      faults += amountFaults(rolling["maxSurge"], place.child("maxSurge"), limit: 100)
      switch (isZero(rolling["maxUnavailable"]), isZero(rolling["maxSurge"])) {
      case (true, true):
        faults.append(
          .invalid(place.child("maxUnavailable"), rolling["maxUnavailable"] ?? 0, "cannot be 0 when maxSurge is 0"))
      case (false, false):
        faults.append(
          .invalid(
            place.child("maxSurge"), rolling["maxSurge"] ?? 0, "may not be set when maxUnavailable is non-zero"))
      default: break
      }
      return faults
    case let type:
      return faults + [.notSupported(here.child("type"), .string(type ?? ""), ["OnDelete", "RollingUpdate"])]
    }
  }

  static func judgeStatefulSet(_ object: JSON) -> [FieldError] {
    let spec = object.spec
    var faults = ValueRules.nonNegative(spec, "replicas", "minReadySeconds", "revisionHistoryLimit", at: path)
    faults += selectorFaults(spec, name: "statefulset")
    faults += templateFaults(spec["template"] ?? [:], name: "StatefulSet")
    switch spec["podManagementPolicy"]?.string ?? "" {
    case "OrderedReady", "Parallel": break
    case "": faults.append(.required(path.child("podManagementPolicy")))
    case let policy:
      faults.append(
        .invalid(path.child("podManagementPolicy"), .string(policy), "must be 'OrderedReady' or 'Parallel'"))
    }
    let strategy = spec["updateStrategy"] ?? [:]
    let here = path.child("updateStrategy")
    switch strategy["type"]?.string ?? "" {
    case "": faults.append(.required(here))
    case "OnDelete":
      if strategy["rollingUpdate"] != nil {
        faults.append(
          .invalid(
            here.child("rollingUpdate"), strategy["rollingUpdate"] ?? .null,
            "only allowed for updateStrategy 'RollingUpdate'"))
      }
    case "RollingUpdate":
      let rolling = strategy["rollingUpdate"] ?? [:]
      faults += ValueRules.nonNegative(rolling, "partition", at: here.child("rollingUpdate"))
    case let type:
      faults.append(.invalid(here, .string(type), "must be 'RollingUpdate' or 'OnDelete'"))
    }
    let retention = spec["persistentVolumeClaimRetentionPolicy"] ?? [:]
    for name in ["whenDeleted", "whenScaled"] {
      let value = retention[name]?.string ?? "Retain"
      if value != "Retain", value != "Delete" {
        faults.append(
          .notSupported(
            path.child("persistentVolumeClaimRetentionPolicy").child(name), .string(value), ["Delete", "Retain"]))
      }
    }
    return faults + ValueRules.nonNegative(spec["ordinals"] ?? [:], "start", at: path.child("ordinals"))
  }

  private static let mutableStatefulSetFields: Set<String> = [
    "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
  ]

  static func compareStatefulSets(_ old: JSON, _ new: JSON) -> [FieldError] {
    func fixed(_ spec: JSON) -> JSONObject {
      var object = spec.object ?? [:]
      for name in mutableStatefulSetFields { object[name] = nil }
      return object
    }
    guard fixed(old.spec) != fixed(new.spec) else { return [] }
    return [
      .forbidden(
        path,
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
          + "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden")
    ]
  }

  static func judgeRevision(_ object: JSON) -> [FieldError] {
    var faults: [FieldError] = []
    if object["data"] == nil || object["data"]?.isNull == true {
      faults.append(.required(FieldPath("data"), "data is mandatory"))
    }
    return faults + ValueRules.nonNegative(object, "revision", at: .root)
  }

  static func compareRevisions(_ old: JSON, _ new: JSON) -> [FieldError] {
    guard old["data"] != new["data"] else { return [] }
    return [.invalid(FieldPath("data"), new["data"] ?? .null, "field is immutable")]
  }

  static func judgePodTemplate(_ object: JSON) -> [FieldError] {
    PodValidation.templateFaults(object["template"] ?? [:], FieldPath("template"))
  }

  /// A selector stays: pods would lose their owner.
  static func compare(_ old: JSON, _ new: JSON) -> [FieldError] {
    guard old.spec["selector"] != new.spec["selector"] else { return [] }
    return [.invalid(path.child("selector"), new.spec["selector"] ?? .null, "field is immutable")]
  }

  /// The object of a `scale` subresource.
  static func judgeScale(_ object: JSON) -> [FieldError] { ValueRules.nonNegative(object.spec, "replicas", at: path) }

  private static func commonFaults(_ spec: JSON) -> [FieldError] {
    ValueRules.nonNegative(spec, "replicas", "minReadySeconds", at: path)
      + selectorFaults(spec, name: "deployment") + templateFaults(spec["template"] ?? [:], name: "ReplicaSet")
  }

  /// The selector must say something, and choose what the template makes.
  private static func selectorFaults(_ spec: JSON, name: String) -> [FieldError] {
    let here = path.child("selector")
    guard let selector = spec["selector"] else { return [.required(here)] }
    let faults = SelectorValidation.faults(selector, here)
    guard let parsed = try? LabelSelector(object: selector) else { return faults }
    if parsed.requirements.isEmpty {
      return faults + [.invalid(here, selector, "empty selector is invalid for \(name)")]
    }
    let template = spec["template"] ?? [:]
    guard faults.isEmpty, !parsed.matches(template.labels) else { return faults }
    return [
      .invalid(
        path.child("template").child("metadata").child("labels"), template.metadata["labels"] ?? .null,
        "`selector` does not match template `labels`")
    ]
  }

  /// A template of pods that are to run for ever.
  private static func templateFaults(_ template: JSON, name: String) -> [FieldError] {
    let place = path.child("template")
    var faults = PodValidation.templateFaults(template, place)
    if let policy = template.spec["restartPolicy"], policy != "Always" {
      faults.append(.notSupported(place.child("spec").child("restartPolicy"), policy, ["Always"]))
    }
    if template.spec["activeDeadlineSeconds"] != nil {
      faults.append(
        .forbidden(
          place.child("spec").child("activeDeadlineSeconds"), "activeDeadlineSeconds in \(name) is not Supported"))
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
  static func amountFaults(_ value: JSON?, _ path: FieldPath, limit: Int?) -> [FieldError] {
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
