import JSONTree

/// Volumes, claims and what describes them.
enum StorageValidation {
  private static let path = FieldPath("spec")
  private static let accessModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]

  static func judgeClaim(_ object: JSON) -> [FieldError] { claimFaults(object.spec, path) }

  static func claimFaults(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
    var faults = accessModeFaults(spec, path, "at least 1 access mode is required")
    if let selector = spec["selector"] { faults += SelectorValidation.faults(selector, path.child("selector")) }
    let here = path.child("resources")[key: "storage"]
    if let size = spec[path: "resources", "requests", "storage"] {
      if let amount = try? Quantity(json: size), amount.milliValue <= 0 {
        faults.append(.invalid(here, size, "must be greater than zero"))
      }
    } else {
      faults.append(.required(here))
    }
    faults += ValueRules.text(spec, "storageClassName", path, NameRules.dnsSubdomain)
    return faults
  }

  private static func accessModeFaults(_ spec: JSON, _ path: FieldPath, _ missing: String) -> [FieldError] {
    let modes = spec["accessModes"]?.items ?? []
    if modes.isEmpty { return [.required(path.child("accessModes"), missing)] }
    var faults: [FieldError] = []
    for mode in modes where !accessModes.contains(mode.string ?? "") {
      faults.append(.notSupported(path.child("accessModes"), mode, accessModes))
    }
    if modes.contains("ReadWriteOncePod"), modes.count > 1 {
      faults.append(
        .forbidden(
          path.child("accessModes"), "may not use ReadWriteOncePod with other access modes"))
    }
    return faults
  }

  static func compareClaims(_ old: JSON, _ new: JSON) -> [FieldError] {
    var (was, now) = (old.spec, new.spec)
    // A pending claim is given its volume; a bound one may grow.
    if (was["volumeName"]?.string ?? "").isEmpty { was["volumeName"] = now["volumeName"] }
    let (oldSize, newSize) = (
      was[path: "resources", "requests", "storage"], now[path: "resources", "requests", "storage"]
    )
    was["volumeAttributesClassName"] = now["volumeAttributesClassName"]
    var faults: [FieldError] = []
    if oldSize != newSize {
      now[path: "resources", "requests", "storage"] = oldSize
      if let before = oldSize.flatMap({ try? Quantity(json: $0) }),
        let after = newSize.flatMap({ try? Quantity(json: $0) })
      {
        if old.status["phase"] != "Bound" {
          faults.append(
            .forbidden(
              path,
              "spec is immutable after creation except resources.requests and volumeAttributesClassName for "
                + "bound claims"))
        } else if after < before {
          faults.append(
            .forbidden(
              path.child("resources").child("requests").child("storage"), "field can not be less than previous value"))
        }
      }
    }
    if was != now, faults.isEmpty {
      faults.append(
        .forbidden(
          path,
          "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound "
            + "claims"))
    }
    return faults
  }

  private static let volumeFields: Set<String> = [
    "capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "storageClassName", "mountOptions",
    "volumeMode", "nodeAffinity", "volumeAttributesClassName",
  ]

  static func judgeVolume(_ object: JSON) -> [FieldError] {
    let spec = object.spec
    var faults = accessModeFaults(spec, path, "")
    let capacity = spec["capacity"]?.object ?? [:]
    if capacity.isEmpty { faults.append(.required(path.child("capacity"))) }
    if capacity["storage"] == nil || capacity.count > 1 {
      faults.append(.notSupported(path.child("capacity"), spec["capacity"] ?? .null, ["storage"]))
    } else if let amount = try? Quantity(json: capacity["storage"] ?? .null), amount.milliValue <= 0 {
      faults.append(
        .invalid(path.child("capacity")[key: "storage"], capacity["storage"] ?? .null, "must be greater than zero"))
    }
    let sources = (spec.object?.members ?? []).filter { !volumeFields.contains($0.key) && !$0.value.isNull }
    if sources.isEmpty { faults.append(.required(path, "must specify a volume type")) }
    for extra in sources.dropFirst() {
      faults.append(.forbidden(path.child(extra.key), "may not specify more than 1 volume type"))
    }
    if let host = spec["hostPath"] { faults += ValueRules.required(host, "path", path.child("hostPath")) }
    if let local = spec["local"] {
      faults += ValueRules.required(local, "path", path.child("local"))
      if spec[path: "nodeAffinity", "required"] == nil {
        faults.append(.required(path.child("nodeAffinity"), "Local volume requires node affinity"))
      }
    }
    if let csi = spec["csi"] {
      faults +=
        ValueRules.required(csi, "driver", path.child("csi"))
        + ValueRules.required(csi, "volumeHandle", path.child("csi"))
    }
    faults += ValueRules.text(spec, "storageClassName", path, NameRules.dnsSubdomain)
    return faults
  }

  static func compareVolumes(_ old: JSON, _ new: JSON) -> [FieldError] {
    func source(_ object: JSON) -> [JSONObject.Member] {
      (object.spec.object?.members ?? []).filter { !volumeFields.contains($0.key) }
    }
    guard source(old) != source(new) else { return [] }
    return [.forbidden(path.child("persistentvolumesource"), "spec.persistentvolumesource is immutable after creation")]
  }

  static func judgeClass(_ object: JSON) -> [FieldError] {
    var faults = ValueRules.required(object, "provisioner", .root)
    switch object["reclaimPolicy"]?.string ?? "" {
    case "Delete", "Retain", "": break
    case let policy: faults.append(.notSupported(FieldPath("reclaimPolicy"), .string(policy), ["Delete", "Retain"]))
    }
    switch object["volumeBindingMode"]?.string ?? "" {
    case "Immediate", "WaitForFirstConsumer": break
    case "": faults.append(.required(FieldPath("volumeBindingMode")))
    case let mode:
      faults.append(
        .notSupported(FieldPath("volumeBindingMode"), .string(mode), ["Immediate", "WaitForFirstConsumer"]))
    }
    return faults
  }

  static func compareClasses(_ old: JSON, _ new: JSON) -> [FieldError] {
    var faults: [FieldError] = []
    for name in ["parameters", "provisioner", "reclaimPolicy"] where old[name] != new[name] {
      faults.append(.forbidden(FieldPath(name), "updates to \(name) are forbidden."))
    }
    if old["volumeBindingMode"] != new["volumeBindingMode"] {
      faults.append(.invalid(FieldPath("volumeBindingMode"), new["volumeBindingMode"] ?? .null, "field is immutable"))
    }
    return faults
  }

  static func judgeRuntimeClass(_ object: JSON) -> [FieldError] {
    ValueRules.text(object, "handler", .root, isRequired: true, NameRules.dnsLabel)
  }

  static func compareRuntimeClasses(_ old: JSON, _ new: JSON) -> [FieldError] {
    guard old["handler"] != new["handler"] else { return [] }
    return [.invalid(FieldPath("handler"), new["handler"] ?? .null, "field is immutable")]
  }

  static func judgeAttachment(_ object: JSON) -> [FieldError] {
    ValueRules.required(object.spec, "attacher", path) + ValueRules.required(object.spec, "nodeName", path)
  }

  static func judgeStorageCapacity(_ object: JSON) -> [FieldError] {
    ValueRules.text(object, "storageClassName", .root, isRequired: true, NameRules.dnsSubdomain)
  }

  static func judgeAttributesClass(_ object: JSON) -> [FieldError] {
    ValueRules.text(object, "driverName", .root, isRequired: true, NameRules.dnsSubdomain)
  }

  static func compareAttributesClasses(_ old: JSON, _ new: JSON) -> [FieldError] {
    ["driverName", "parameters"].filter { old[$0] != new[$0] }.map {
      .invalid(FieldPath($0), new[$0] ?? .null, "field is immutable")
    }
  }
}
