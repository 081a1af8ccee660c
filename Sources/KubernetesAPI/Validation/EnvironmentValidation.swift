import JSONTree

/// A container's environment.
enum EnvironmentValidation {
  private static let sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"]
  private static let fields = [
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP",
    "status.hostIPs", "status.podIP", "status.podIPs",
  ]

  static func faults(_ container: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    for (index, variable) in (container["env"]?.items ?? []).enumerated() {
      let here = path.child("env")[index]
      faults += ValueRules.text(variable, "name", here, isRequired: true, ValueRules.environmentName)
      if let source = variable["valueFrom"] { faults += sourceFaults(source, variable, here.child("valueFrom")) }
    }
    for (index, source) in (container["envFrom"]?.items ?? []).enumerated() {
      faults += listFaults(source, path.child("envFrom")[index])
    }
    return faults
  }

  private static func sourceFaults(_ source: JSON, _ variable: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    let given = sources.filter { source[$0] != nil }
    if given.isEmpty {
      faults.append(
        .invalid(
          path, "",
          "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"))
    } else if variable["value"]?.string?.isEmpty == false {
      faults.append(.invalid(path, "", "may not be specified when `value` is not empty"))
    } else if given.count > 1 {
      faults.append(.invalid(path, "", "may not have more than one field specified at a time"))
    }
    for name in ["configMapKeyRef", "secretKeyRef"] {
      guard let reference = source[name] else { continue }
      faults += ValueRules.required(reference, "name", path.child(name))
      faults += ValueRules.text(
        reference, "key", path.child(name), isRequired: true, ValueRules.configurationKey)
    }
    if let reference = source["fieldRef"] { faults += fieldFaults(reference, path.child("fieldRef")) }
    if let reference = source["fileKeyRef"] { faults += fileFaults(reference, path.child("fileKeyRef")) }
    if let reference = source["resourceFieldRef"] {
      faults += ValueRules.required(reference, "resource", path.child("resourceFieldRef"))
    }
    return faults
  }

  /// The longest name of a variable in a file.
  private static let keyLimit = 128

  private static func fileFaults(_ reference: JSON, _ path: FieldPath) -> [FieldError] {
    var faults = ValueRules.text(reference, "volumeName", path, isRequired: true, NameRules.dnsLabel)
    faults += ValueRules.required(reference, "path", path)
    faults += ValueRules.relativePath(reference["path"]?.string ?? "", path.child("path"))
    faults += ValueRules.text(reference, "key", path, isRequired: true, ValueRules.environmentName)
    if (reference["key"]?.string ?? "").utf8.count > keyLimit {
      faults.append(.tooLong(path.child("key"), limit: keyLimit))
    }
    return faults
  }

  private static func fieldFaults(_ reference: JSON, _ path: FieldPath) -> [FieldError] {
    let field = reference["fieldPath"]?.string ?? ""
    if (reference["apiVersion"]?.string ?? "").isEmpty { return [.required(path.child("apiVersion"))] }
    if field.isEmpty { return [.required(path.child("fieldPath"))] }
    if fields.contains(field) { return [] }
    for list in ["metadata.labels", "metadata.annotations"]
    where field.hasPrefix("\(list)['") && field.hasSuffix("']") && field.utf8.count > list.utf8.count + 4 {
      return []
    }
    return [
      .invalid(
        path.child("fieldPath"), .string(field),
        "error converting fieldPath: field label not supported: \(field)")
    ]
  }

  private static func listFaults(_ source: JSON, _ path: FieldPath) -> [FieldError] {
    var faults = ValueRules.text(source, "prefix", path, ValueRules.environmentName)
    let given = ["configMapRef", "secretRef"].filter { source[$0] != nil }
    if given.isEmpty {
      faults.append(.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"))
    } else if given.count > 1 {
      faults.append(.invalid(path, "", "may not have more than one field specified at a time"))
    }
    for name in given { faults += ValueRules.required(source[name] ?? [:], "name", path.child(name)) }
    return faults
  }
}
