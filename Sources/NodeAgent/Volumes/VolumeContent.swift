import JSONTree
import KubernetesAPI

/// The objects a volume's content comes from.
struct VolumeSources: Sendable {
  var configMaps: [String: JSON] = [:]
  var secrets: [String: JSON] = [:]
  /// Tokens by their source's path in the pod's text.
  var tokens: [String: String] = [:]
}

/// The files of the volumes whose content is made of API objects. Pure.
struct VolumeContent: Sendable {
  let field: DownwardField
  let sources: VolumeSources

  /// The files of a `configMap`, `secret`, `downwardAPI` or `projected` volume; `nil` for another kind.
  func files(of volume: JSON, index: Int) throws(NodeAgentError) -> [AtomicDirectory.File]? {
    if let source = volume["configMap"] {
      return try configMap(source, name: source["name"]?.string ?? "", mode: mode(source))
    }
    if let source = volume["secret"] {
      return try secret(source, name: source["secretName"]?.string ?? "", mode: mode(source))
    }
    if let source = volume["downwardAPI"] { return try downward(source, mode: mode(source)) }
    guard let projected = volume["projected"] else { return nil }
    var result: [AtomicDirectory.File] = []
    for (position, source) in (projected["sources"]?.items ?? []).enumerated() {
      let files = try projection(source, mode: mode(projected), token: sources.tokens["\(index).\(position)"])
      let paths = Set(files.map(\.path))
      result.removeAll { paths.contains($0.path) }
      result += files
    }
    return result
  }

  private func projection(
    _ source: JSON, mode: UInt32, token: String?
  ) throws(NodeAgentError) -> [AtomicDirectory.File] {
    if let part = source["configMap"] { return try configMap(part, name: part["name"]?.string ?? "", mode: mode) }
    if let part = source["secret"] { return try secret(part, name: part["name"]?.string ?? "", mode: mode) }
    if let part = source["downwardAPI"] { return try downward(part, mode: mode) }
    if let part = source["serviceAccountToken"] {
      guard let token else {
        throw NodeAgentError(.failedMount, "the API server gave no token for the pod's service account")
      }
      return [try self.token(token, at: part["path"]?.string ?? "token", mode: mode)]
    }
    return []
  }

  /// A token is for those who have to have it: the pod's user, where there is one, and its group.
  private func token(_ token: String, at path: String, mode: UInt32) throws(NodeAgentError) -> AtomicDirectory.File {
    let owner = FileOwner.user(of: field.pod)
    let hasGroup = field.pod.spec["securityContext"]?["fsGroup"]?.int != nil
    var result = try file(path, Array(token.utf8), mode: owner != nil || hasGroup ? 0o600 : mode)
    result.owner = owner
    return result
  }

  private func mode(_ source: JSON) -> UInt32 { UInt32(truncatingIfNeeded: source["defaultMode"]?.int ?? 0o644) }

  private func configMap(_ source: JSON, name: String, mode: UInt32) throws(NodeAgentError) -> [AtomicDirectory.File] {
    guard let object = sources.configMaps[name] else { return try missing("configmap", name, source) }
    return try pick(
      SecretData.all(configMap: object), source, mode: mode, holder: "configmap references non-existent config key")
  }

  private func secret(_ source: JSON, name: String, mode: UInt32) throws(NodeAgentError) -> [AtomicDirectory.File] {
    guard let object = sources.secrets[name] else { return try missing("secret", name, source) }
    return try pick(SecretData.all(object), source, mode: mode, holder: "references non-existent secret key")
  }

  private func missing(
    _ kind: String, _ name: String, _ source: JSON
  ) throws(NodeAgentError) -> [AtomicDirectory.File] {
    if source["optional"]?.bool == true { return [] }
    throw NodeAgentError(.failedMount, "\(kind) \"\(name)\" not found")
  }

  private func pick(
    _ content: [(key: String, value: [UInt8])], _ source: JSON, mode: UInt32, holder: String
  ) throws(NodeAgentError) -> [AtomicDirectory.File] {
    let items = source["items"]?.items ?? []
    var result: [AtomicDirectory.File] = []
    if items.isEmpty {
      for (key, value) in content { result.append(try file(key, value, mode: mode)) }
      return result
    }
    for item in items {
      let key = item["key"]?.string ?? ""
      guard let value = content.first(where: { $0.key == key })?.value else {
        if source["optional"]?.bool == true { continue }
        throw NodeAgentError(.failedMount, "\(holder): \(key)")
      }
      result.append(try file(item["path"]?.string ?? key, value, mode: itemMode(item, mode)))
    }
    return result
  }

  private func downward(_ source: JSON, mode: UInt32) throws(NodeAgentError) -> [AtomicDirectory.File] {
    var result: [AtomicDirectory.File] = []
    for item in source["items"]?.items ?? [] {
      let value: String
      if let reference = item["fieldRef"] {
        value = try field.value(fieldPath: reference["fieldPath"]?.string ?? "")
      } else if let reference = item["resourceFieldRef"] {
        value = try field.value(resource: reference, containerName: "")
      } else {
        continue
      }
      result.append(try file(item["path"]?.string ?? "", Array(value.utf8), mode: itemMode(item, mode)))
    }
    return result
  }

  private func itemMode(_ item: JSON, _ mode: UInt32) -> UInt32 {
    item["mode"]?.int.map { UInt32(truncatingIfNeeded: $0) } ?? mode
  }

  /// A path that leaves the volume would write anywhere on the node.
  private func file(_ path: String, _ content: [UInt8], mode: UInt32) throws(NodeAgentError) -> AtomicDirectory.File {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard !path.isEmpty, !path.hasPrefix("/"), !path.hasPrefix(".."),
      !parts.contains(where: { $0 == ".." || $0.isEmpty })
    else { throw NodeAgentError(.failedMount, "invalid path \"\(path)\" in a volume: it must stay inside it") }
    return AtomicDirectory.File(path: path, content: content, mode: mode)
  }
}
