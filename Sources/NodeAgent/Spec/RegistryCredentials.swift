import ContainerRuntime
import JSONTree
import KubernetesAPI

/// Credentials for a registry out of the Secrets that `imagePullSecrets` names.
enum RegistryCredentials {
  /// Those that fit the image, the more particular entry first and otherwise in the order of the Secrets.
  static func find(for image: String, pod: JSON, secrets: [String: JSON]) -> [CRI.RegistryCredentials] {
    let name = ImageName.qualified(image)
    var found: [(entry: RegistryPattern, credentials: CRI.RegistryCredentials)] = []
    for reference in pod.spec["imagePullSecrets"]?.items ?? [] {
      guard let secret = secrets[reference.containerName] else { continue }
      let content = SecretData.value(secret, ".dockerconfigjson") ?? SecretData.value(secret, ".dockercfg")
      guard let content, let tree = try? JSON.parse(content) else { continue }
      for member in (tree["auths"] ?? tree).object?.members ?? [] {
        let pattern = RegistryPattern(member.key)
        if pattern.matches(name) { found.append((pattern, credentials(member.value))) }
      }
    }
    let order = found.indices.sorted { left, right in
      let (a, b) = (found[left].entry.text.utf8.count, found[right].entry.text.utf8.count)
      return a != b ? a > b : left < right
    }
    return order.map { found[$0].credentials }
  }

  private static func credentials(_ entry: JSON) -> CRI.RegistryCredentials {
    var result = CRI.RegistryCredentials()
    result.username = entry["username"]?.string ?? ""
    result.password = entry["password"]?.string ?? ""
    result.identityToken = entry["identitytoken"]?.string ?? ""
    if result.username.isEmpty, let auth = entry["auth"]?.string,
      let bytes = Base64.decode(auth, alphabet: .lenient)
    {
      let parts = String(decoding: bytes, as: UTF8.self).split(separator: ":", maxSplits: 1)
      result.username = parts.first.map(String.init) ?? ""
      result.password = parts.count > 1 ? String(parts[1]) : ""
    }
    return result
  }
}

/// What an entry of a Docker configuration is for: a host, with a port and a path where it names them, and `*` within
/// the parts of the host's name.
struct RegistryPattern: Sendable, Hashable {
  let text: String
  private let host: [Substring]
  private let port: Substring
  private let path: Substring

  init(_ key: String) {
    var key = key[...]
    for scheme in ["https://", "http://"] where key.hasPrefix(scheme) { key.removeFirst(scheme.count) }
    var path = key.firstIndex(of: "/").map { key[$0...] } ?? ""
    // The paths of the registry's own interface say nothing of images.
    if path.hasPrefix("/v1/") || path.hasPrefix("/v2/") || path == "/v1" || path == "/v2" { path = "" }
    while path.hasSuffix("/") { path.removeLast() }
    let name = key.prefix { $0 != "/" }
    let colon = name.lastIndex(of: ":")
    port = colon.map { name[name.index(after: $0)...] } ?? ""
    var labels = (colon.map { name[..<$0] } ?? name).split(separator: ".", omittingEmptySubsequences: false)
    // Docker's registry has several names.
    if labels.joined(separator: ".").hasSuffix("index.docker.io") { labels = ["docker", "io"] }
    host = labels
    self.path = path
    text = labels.joined(separator: ".") + (port.isEmpty ? "" : ":\(port)") + path
  }

  /// - Parameter image: with its registry, as `docker.io/library/busybox`.
  func matches(_ image: String) -> Bool {
    let name = image.prefix { $0 != "/" }
    let colon = name.lastIndex(of: ":")
    let itsPort = colon.map { name[name.index(after: $0)...] } ?? ""
    let labels = (colon.map { name[..<$0] } ?? name).split(separator: ".", omittingEmptySubsequences: false)
    guard port == itsPort, labels.count == host.count else { return false }
    guard zip(host, labels).allSatisfy({ Self.matches($0, $1) }) else { return false }
    return image.dropFirst(name.count).hasPrefix(path)
  }

  /// `*` stands for any text within one part.
  private static func matches(_ pattern: Substring, _ label: Substring) -> Bool {
    guard let star = pattern.firstIndex(of: "*") else { return pattern == label }
    let before = pattern[..<star]
    guard label.hasPrefix(before) else { return false }
    let rest = pattern[pattern.index(after: star)...]
    var tail = label.dropFirst(before.count)
    while true {
      if matches(rest, tail) { return true }
      guard !tail.isEmpty else { return false }
      tail.removeFirst()
    }
  }
}
