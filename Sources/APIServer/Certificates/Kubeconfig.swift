import JSONTree

/// Writes kubeconfig files: how a client finds the server, trusts it and says who it is.
package enum Kubeconfig {
  /// The text of a kubeconfig with one cluster, one user and one context, everything embedded.
  package static func text(
    server: String, authority: String, user: String, identity: CertifiedKey, cluster: String = "switchboard"
  ) -> String {
    let encoded = { (text: String) in Base64.encode(Array(text.utf8)) }
    return """
      apiVersion: v1
      kind: Config
      clusters:
      - name: \(cluster)
        cluster:
          server: \(server)
          certificate-authority-data: \(encoded(authority))
      users:
      - name: \(user)
        user:
          client-certificate-data: \(encoded(identity.certificate))
          client-key-data: \(encoded(identity.privateKey))
      contexts:
      - name: \(cluster)
        context:
          cluster: \(cluster)
          user: \(user)
      current-context: \(cluster)

      """
  }

  /// Writes `text` to `path` with mode 0600, whole or not at all.
  package static func write(_ text: String, to path: String) throws { try PrivateFiles.replace(path, with: text) }
}
