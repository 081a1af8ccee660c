import JSONTree

/// The volumes of a pod.
enum VolumeValidation {
  static func faults(_ volumes: [JSON], _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    var names: Set<String> = []
    for (index, volume) in volumes.enumerated() {
      let here = path[index]
      faults += ValueRules.text(volume, "name", here, isRequired: true, NameRules.dnsLabel)
      if let name = volume["name"]?.string, !name.isEmpty, !names.insert(name).inserted {
        faults.append(.duplicate(here.child("name"), .string(name)))
      }
      faults += sourceFaults(volume, here)
    }
    return faults
  }

  private static func sourceFaults(_ volume: JSON, _ path: FieldPath) -> [FieldError] {
    let given = (volume.object?.members ?? []).filter { $0.key != "name" && !$0.value.isNull }
    guard let first = given.first else { return [.required(path, "must specify a volume type")] }
    var faults = given.dropFirst().map { member in
      FieldError.forbidden(path.child(member.key), "may not specify more than 1 volume type")
    }
    let source = first.value
    let here = path.child(first.key)
    switch first.key {
    case "hostPath":
      faults += ValueRules.required(source, "path", here)
      let text = source["path"]?.string ?? ""
      if text.split(separator: "/").contains("..") {
        faults.append(.invalid(here.child("path"), .string(text), "must not contain '..'"))
      }
      faults += ValueRules.choice(source, "type", of: "HostPathVolumeSource", here)
    case "emptyDir":
      if let limit = source["sizeLimit"], let amount = try? Quantity(json: limit), amount.isNegative {
        faults.append(.forbidden(here.child("sizeLimit"), "SizeLimit field must be a valid resource quantity"))
      }
    case "secret":
      faults += ValueRules.required(source, "secretName", here)
      faults += itemFaults(source, here)
    case "configMap":
      faults += ValueRules.required(source, "name", here)
      faults += itemFaults(source, here)
    case "persistentVolumeClaim": faults += ValueRules.required(source, "claimName", here)
    case "downwardAPI": faults += fileFaults(source, here)
    case "projected": faults += projectionFaults(source, here)
    default: break
    }
    return faults
  }

  /// Keys that become files.
  private static func itemFaults(_ source: JSON, _ path: FieldPath) -> [FieldError] {
    var faults = ValueRules.mode(source, "defaultMode", path)
    for (index, item) in (source["items"]?.items ?? []).enumerated() {
      let here = path.child("items")[index]
      faults += ValueRules.required(item, "key", here)
      faults += ValueRules.required(item, "path", here)
      faults += ValueRules.relativePath(item["path"]?.string ?? "", here.child("path"))
      faults += ValueRules.mode(item, "mode", here)
    }
    return faults
  }

  /// Fields of the pod that become files.
  private static func fileFaults(_ source: JSON, _ path: FieldPath) -> [FieldError] {
    var faults = ValueRules.mode(source, "defaultMode", path)
    for (index, item) in (source["items"]?.items ?? []).enumerated() {
      let here = path.child("items")[index]
      faults += ValueRules.required(item, "path", here)
      faults += ValueRules.relativePath(item["path"]?.string ?? "", here.child("path"))
      if item["fieldRef"] == nil, item["resourceFieldRef"] == nil {
        faults.append(.required(here.child("fieldRef"), "one of fieldRef and resourceFieldRef is required"))
      } else if item["fieldRef"] != nil, item["resourceFieldRef"] != nil {
        faults.append(.invalid(here, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"))
      }
    }
    return faults
  }

  private static func projectionFaults(_ source: JSON, _ path: FieldPath) -> [FieldError] {
    var faults = ValueRules.mode(source, "defaultMode", path)
    for (index, projection) in (source["sources"]?.items ?? []).enumerated() {
      let here = path.child("sources")[index]
      let given = (projection.object?.members ?? []).filter { !$0.value.isNull }
      if given.isEmpty { faults.append(.required(here, "must specify a volume type")) }
      for member in given.dropFirst() {
        faults.append(.forbidden(here.child(member.key), "may not specify more than 1 volume type"))
      }
      guard let first = given.first else { continue }
      switch first.key {
      case "secret", "configMap":
        faults += ValueRules.required(first.value, "name", here.child(first.key))
        faults += itemFaults(first.value, here.child(first.key))
      case "downwardAPI": faults += fileFaults(first.value, here.child(first.key))
      case "serviceAccountToken":
        faults += ValueRules.required(first.value, "path", here.child(first.key))
        if let seconds = first.value["expirationSeconds"]?.int, seconds < 600 {
          faults.append(
            .invalid(
              here.child(first.key).child("expirationSeconds"), .int(seconds),
              "may not specify a duration less than 10 minutes"))
        }
      default: break
      }
    }
    return faults
  }
}
