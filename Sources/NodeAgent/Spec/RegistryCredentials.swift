import APIClient
import ContainerRuntime
import JSONTree
import KubernetesAPI

/// Credentials for a registry out of the Secrets that `imagePullSecrets` names.
enum RegistryCredentials {
  static func find(for image: String, pod: JSON, secrets: [String: JSON]) -> CRI.RegistryCredentials? {
    let registry = ImageName.registry(of: image)
    for reference in pod.spec["imagePullSecrets"]?.items ?? [] {
      guard let secret = secrets[reference.containerName] else { continue }
      let content = SecretData.value(secret, ".dockerconfigjson") ?? SecretData.value(secret, ".dockercfg")
      guard let content, let tree = try? JSON.parse(content) else { continue }
      for entry in (tree["auths"] ?? tree).object?.members ?? [] where matches(entry.key, registry) {
        return credentials(entry.value)
      }
    }
    return nil
  }

  private static func matches(_ key: String, _ registry: String) -> Bool {
    var host = key
    for scheme in ["https://", "http://"] where host.hasPrefix(scheme) { host.removeFirst(scheme.count) }
    host = String(host.prefix { $0 != "/" })
    return host == registry || (registry == "docker.io" && host.hasSuffix("docker.io"))
  }

  private static func credentials(_ entry: JSON) -> CRI.RegistryCredentials {
    var result = CRI.RegistryCredentials()
    result.username = entry["username"]?.string ?? ""
    result.password = entry["password"]?.string ?? ""
    result.identityToken = entry["identitytoken"]?.string ?? ""
    if result.username.isEmpty, let auth = entry["auth"]?.string, let bytes = Base64.decode(auth) {
      let parts = String(decoding: bytes, as: UTF8.self).split(separator: ":", maxSplits: 1)
      result.username = parts.first.map(String.init) ?? ""
      result.password = parts.count > 1 ? String(parts[1]) : ""
    }
    return result
  }
}
