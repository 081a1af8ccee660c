import JSONTree

/// Config maps, secrets, namespaces, leases and events.
enum ConfigurationValidation {
  /// All values of a config map or secret together, in bytes.
  private static let sizeLimit = 1 << 20

  static func judgeConfigMap(_ object: JSON) -> [FieldError] {
    var faults: [FieldError] = []
    var size = 0
    for member in object["data"]?.object?.members ?? [] {
      let here = FieldPath("data")[key: member.key]
      faults += ValueRules.configurationKey(member.key).map { .invalid(here, .string(member.key), $0) }
      if object[path: "binaryData", member.key] != nil {
        faults.append(.invalid(here, .string(member.key), "duplicate of key present in binaryData"))
      }
      size += member.value.string?.utf8.count ?? 0
    }
    for member in object["binaryData"]?.object?.members ?? [] {
      let here = FieldPath("binaryData")[key: member.key]
      faults += ValueRules.configurationKey(member.key).map { .invalid(here, .string(member.key), $0) }
      size += decodedSize(member.value)
    }
    if size > sizeLimit { faults.append(.tooLong(FieldPath(""), limit: sizeLimit)) }
    return faults
  }

  static func judgeSecret(_ object: JSON) -> [FieldError] {
    var faults: [FieldError] = []
    var size = 0
    let data = object["data"]?.object ?? [:]
    for member in data.members {
      let here = FieldPath("data")[key: member.key]
      faults += ValueRules.configurationKey(member.key).map { .invalid(here, .string(member.key), $0) }
      size += decodedSize(member.value)
    }
    if size > sizeLimit { faults.append(.tooLong(FieldPath("data"), limit: sizeLimit)) }
    func need(_ key: String) {
      if data[key] == nil { faults.append(.required(FieldPath("data")[key: key])) }
    }
    switch object["type"]?.string {
    case "kubernetes.io/service-account-token":
      let key = "kubernetes.io/service-account.name"
      if (object.annotations[key] ?? "").isEmpty {
        faults.append(.required(FieldPath("metadata", "annotations")[key: key]))
      }
    case "kubernetes.io/tls":
      need("tls.crt")
      need("tls.key")
    case "kubernetes.io/dockercfg": need(".dockercfg")
    case "kubernetes.io/dockerconfigjson": need(".dockerconfigjson")
    case "kubernetes.io/ssh-auth": need("ssh-privatekey")
    case "kubernetes.io/basic-auth":
      if data["username"] == nil, data["password"] == nil {
        faults.append(.required(FieldPath("data")[key: "username"]))
        faults.append(.required(FieldPath("data")[key: "password"]))
      }
    default: break
    }
    return faults
  }

  private static func decodedSize(_ value: JSON) -> Int { (value.string?.utf8.count ?? 0) / 4 * 3 }

  static func compareConfigMaps(_ old: JSON, _ new: JSON) -> [FieldError] {
    fixedFaults(old, new, ["data", "binaryData"])
  }

  static func compareSecrets(_ old: JSON, _ new: JSON) -> [FieldError] {
    var faults: [FieldError] = []
    if old["type"] != new["type"] {
      faults.append(.invalid(FieldPath("type"), new["type"] ?? "", "field is immutable"))
    }
    return faults + fixedFaults(old, new, ["data"])
  }

  private static func fixedFaults(_ old: JSON, _ new: JSON, _ fields: [String]) -> [FieldError] {
    guard old["immutable"] == true else { return [] }
    let changed = fields.filter { old[$0] != new[$0] }
    return (new["immutable"] == true ? [] : ["immutable"]).map {
      .forbidden(FieldPath($0), "field is immutable when `immutable` is set")
    } + changed.map { .forbidden(FieldPath($0), "field is immutable when `immutable` is set") }
  }

  static func judgeNamespace(_ object: JSON) -> [FieldError] {
    (object.spec["finalizers"]?.items ?? []).enumerated().flatMap { index, finalizer -> [FieldError] in
      let name = finalizer.string ?? ""
      return NameRules.qualifiedName(name).map {
        .invalid(FieldPath("spec", "finalizers")[index], .string(name), $0)
      }
    }
  }

  static func judgeLease(_ object: JSON) -> [FieldError] {
    let path = FieldPath("spec")
    var faults = ValueRules.nonNegative(object.spec, "leaseTransitions", at: path)
    if let seconds = object.spec["leaseDurationSeconds"]?.int, seconds <= 0 {
      faults.append(.invalid(path.child("leaseDurationSeconds"), .int(seconds), "must be greater than 0"))
    }
    return faults
  }

  /// An event lies in the namespace of what it tells of, or in `default`.
  static func judgeCoreEvent(_ object: JSON) -> [FieldError] {
    let namespace = object["involvedObject"]?["namespace"]?.string ?? ""
    let isRight = namespace.isEmpty ? object.namespace == "default" : namespace == object.namespace
    if isRight { return [] }
    return [
      .invalid(FieldPath("involvedObject", "namespace"), .string(namespace), "does not match event.namespace")
    ]
  }

  static func judgeEvent(_ object: JSON) -> [FieldError] {
    var faults: [FieldError] = []
    if object["eventTime"] == nil { faults.append(.required(FieldPath("eventTime"))) }
    for field in ["reportingController", "reportingInstance", "action", "reason"] {
      faults += ValueRules.required(object, field, .root)
    }
    if let type = object["type"]?.string, type != "Normal", type != "Warning" {
      faults.append(.invalid(FieldPath("type"), .string(type), "has invalid value: \(type)"))
    }
    return faults
  }
}
