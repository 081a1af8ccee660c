import ClusterModel
import ContainerRuntime
import JSONTree
import KubernetesAPI

/// A container's environment variables, in the order upstream gives them: those of Services first, then `envFrom`, then
/// `env`, each of which may refer to what came before it.
struct EnvironmentBuilder: Sendable {
  let field: DownwardField
  let services: [ServiceModel]
  /// The ConfigMaps and Secrets the pod refers to, by name; a missing one has no entry.
  let configMaps: [String: JSON]
  let secrets: [String: JSON]
  /// The text of a file in one of the pod's volumes; `nil` where there is none.
  var file: @Sendable (_ volume: String, _ path: String) throws(NodeAgentError) -> String? = { _, _ in nil }

  func variables(for container: JSON) throws(NodeAgentError) -> [CRI.KeyValue] {
    var names: [String] = []
    var values: [String: String] = [:]
    func set(_ name: String, _ value: String) {
      if values.updateValue(value, forKey: name) == nil { names.append(name) }
    }
    let serviceValues = ServiceEnvironment.variables(
      services: services, namespace: field.pod.namespace,
      includesAll: field.pod.spec["enableServiceLinks"]?.bool ?? true)
    for source in container["envFrom"]?.items ?? [] {
      for (name, value) in try content(of: source) { set((source["prefix"]?.string ?? "") + name, value) }
    }
    // Service variables may be referred to and are overridden by the container's own.
    var known: [String: String] = [:]
    for (name, value) in serviceValues { known[name] = value }
    known.merge(values) { $1 }
    for variable in container["env"]?.items ?? [] {
      let name = variable.containerName
      guard let value = try value(of: variable, container: container, known: known) else { continue }
      set(name, value)
      known[name] = value
    }
    for (name, value) in serviceValues where values[name] == nil { set(name, value) }
    return names.map { name in
      var pair = CRI.KeyValue()
      pair.key = name
      pair.value = values[name] ?? ""
      return pair
    }
  }

  private func value(
    of variable: JSON, container: JSON, known: [String: String]
  ) throws(NodeAgentError) -> String? {
    guard let source = variable["valueFrom"] else {
      return VariableExpansion.expand(variable["value"]?.string ?? "", with: known)
    }
    if let reference = source["fieldRef"] {
      return try field.value(fieldPath: reference["fieldPath"]?.string ?? "")
    }
    if let reference = source["resourceFieldRef"] {
      return try field.value(resource: reference, containerName: container.containerName)
    }
    if let reference = source["configMapKeyRef"] {
      return try key(reference, of: "configmap", in: configMaps) { $0["data"]?[$1]?.string }
    }
    if let reference = source["secretKeyRef"] {
      return try key(reference, of: "secret", in: secrets) { object, key in
        SecretData.value(object, key).map { String(decoding: $0, as: UTF8.self) }
      }
    }
    if let reference = source["fileKeyRef"] { return try entry(of: reference) }
    throw NodeAgentError(
      .createContainerConfigError, "environment variable \(variable.containerName) has an unknown valueFrom")
  }

  private func entry(of reference: JSON) throws(NodeAgentError) -> String? {
    let (volume, path) = (reference["volumeName"]?.string ?? "", reference["path"]?.string ?? "")
    let key = reference["key"]?.string ?? ""
    let text = try file(volume, path)
    if let text, let value = try EnvironmentFile.value(of: key, in: text) { return value }
    if reference["optional"]?.bool == true { return nil }
    throw NodeAgentError(
      .createContainerConfigError,
      text == nil
        ? "couldn't parse env file: volume \(volume) has no file \(path)"
        : "environment variable key \"\(key)\" not found in file \"\(path)\"")
  }

  private func key(
    _ reference: JSON, of kind: String, in objects: [String: JSON], read: (JSON, String) -> String?
  ) throws(NodeAgentError) -> String? {
    let name = reference["name"]?.string ?? ""
    let key = reference["key"]?.string ?? ""
    let isOptional = reference["optional"]?.bool ?? false
    guard let object = objects[name] else {
      if isOptional { return nil }
      throw NodeAgentError(.createContainerConfigError, "\(kind) \"\(name)\" not found")
    }
    guard let value = read(object, key) else {
      if isOptional { return nil }
      let title = kind == "secret" ? "Secret" : "ConfigMap"
      throw NodeAgentError(
        .createContainerConfigError, "couldn't find key \(key) in \(title) \(field.pod.namespace)/\(name)")
    }
    return value
  }

  private func content(of source: JSON) throws(NodeAgentError) -> [(String, String)] {
    if let reference = source["configMapRef"] {
      let name = reference["name"]?.string ?? ""
      guard let object = configMaps[name] else { return try missing("configmap", name, reference) }
      return (object["data"]?.object?.members ?? []).map { ($0.key, $0.value.string ?? "") }
    }
    if let reference = source["secretRef"] {
      let name = reference["name"]?.string ?? ""
      guard let object = secrets[name] else { return try missing("secret", name, reference) }
      return SecretData.all(object).map { ($0.key, String(decoding: $0.value, as: UTF8.self)) }
    }
    return []
  }

  private func missing(_ kind: String, _ name: String, _ reference: JSON) throws(NodeAgentError) -> [(String, String)] {
    if reference["optional"]?.bool == true { return [] }
    throw NodeAgentError(.createContainerConfigError, "\(kind) \"\(name)\" not found")
  }
}
