import Glibc
import JSONTree
import Yams

/// Reads kubeconfig files, the way kubectl does.
package struct Kubeconfig {
  private let root: Node
  private let path: String

  /// Throws ``APIError`` where the file cannot be read or is not YAML.
  package init(path: String) throws {
    try self.init(
      text: String(decoding: try FileContents.read(path, purpose: "the kubeconfig"), as: UTF8.self), path: path)
  }

  /// `path` names the file in errors, and its folder is where relative file names in it start.
  package init(text: String, path: String = "kubeconfig") throws {
    self.path = path
    do {
      guard let node = try Yams.compose(yaml: text), node.mapping != nil else {
        throw APIError(.configuration, "\(path) is no kubeconfig: it holds no mapping")
      }
      root = node
    } catch let error as YamlError {
      throw APIError(.configuration, "\(path) is not YAML", cause: error)
    }
  }

  /// The file that kubectl would read: the first that exists of `KUBECONFIG`'s, else `~/.kube/config`.
  package static var defaultPath: String {
    if let list = getenv("KUBECONFIG").map({ String(cString: $0) }), !list.isEmpty {
      let paths = list.split(separator: ":").map(String.init)
      return paths.first { access($0, R_OK) == 0 } ?? paths.first ?? list
    }
    return (getenv("HOME").map { String(cString: $0) } ?? "/root") + "/.kube/config"
  }

  /// The cluster and user of a context, by default the current one. Throws ``APIError`` that says what is missing.
  package func configuration(context name: String? = nil) throws -> ClientConfiguration {
    guard let name = name ?? root["current-context"]?.string, !name.isEmpty else {
      throw APIError(.configuration, "\(path) names no current-context; set one with kubectl config use-context NAME")
    }
    let context = try entry("contexts", "context", name)
    let cluster = try entry("clusters", "cluster", try text(context, "cluster", of: "context \"\(name)\""))
    let clusterName = context["cluster"]?.string ?? ""
    let url = try text(cluster, "server", of: "cluster \"\(clusterName)\"")
    guard var server = ServerAddress(url: url) else {
      throw APIError(.configuration, "the server \"\(url)\" in \(path) is no URL such as https://HOST:6443")
    }
    if let serverName = cluster["tls-server-name"]?.string { server.tlsServerName = serverName }
    var configuration = ClientConfiguration(server: server)
    configuration.certificateAuthority = try bytes(cluster, "certificate-authority")
    configuration.skipsVerification = cluster["insecure-skip-tls-verify"]?.bool ?? false
    if let namespace = context["namespace"]?.string, !namespace.isEmpty { configuration.namespace = namespace }
    if let userName = context["user"]?.string, !userName.isEmpty {
      try addCredentials(try entry("users", "user", userName), named: userName, to: &configuration)
    }
    return configuration
  }

  private func addCredentials(_ user: Node, named name: String, to configuration: inout ClientConfiguration) throws {
    configuration.clientCertificate = try bytes(user, "client-certificate")
    configuration.clientKey = try bytes(user, "client-key")
    if (configuration.clientCertificate == nil) != (configuration.clientKey == nil) {
      throw APIError(.configuration, "user \"\(name)\" in \(path) needs both client-certificate and client-key")
    }
    if let file = user["tokenFile"]?.string {
      configuration.token = .file(absolute(file))
    } else if let token = user["token"]?.string {
      configuration.token = .fixed(token)
    }
    for key in ["exec", "auth-provider", "username"] where user[key] != nil {
      throw APIError(
        .configuration,
        "user \"\(name)\" in \(path) uses \"\(key)\", which is not supported; use a client "
          + "certificate or a token")
    }
  }

  private func entry(_ list: String, _ kind: String, _ name: String) throws -> Node {
    let found = root[list]?.sequence?.first { $0["name"]?.string == name }
    guard let entry = found?[kind], entry.mapping != nil else {
      throw APIError(.configuration, "\(path) has no \(kind) \"\(name)\" in its \(list)")
    }
    return entry
  }

  private func text(_ node: Node, _ key: String, of owner: String) throws -> String {
    guard let value = node[key]?.string, !value.isEmpty else {
      throw APIError(.configuration, "\(owner) in \(path) has no \(key)")
    }
    return value
  }

  /// The bytes that `KEY-data` holds or that the file `KEY` names.
  private func bytes(_ node: Node, _ key: String) throws -> [UInt8]? {
    if let data = node["\(key)-data"]?.string, !data.isEmpty {
      guard let bytes = Base64.decode(data, alphabet: .lenient) else {
        throw APIError(.configuration, "\(key)-data in \(path) is not Base64")
      }
      return bytes
    }
    guard let file = node[key]?.string, !file.isEmpty else { return nil }
    return try FileContents.read(absolute(file), purpose: key)
  }

  private func absolute(_ file: String) -> String {
    guard !file.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return file }
    return String(path[...slash]) + file
  }
}
