import APIServer
import LinuxKernel
import NetworkTypes

/// What a node needs to join: a folder with a kubeconfig for its pods and one for its network, and the certificate it
/// shows on the kubelet port.
enum NodeCredentials {
  /// Of `system:node:NAME`, which may do what concerns its own node and pods.
  static let kubeconfig = "kubeconfig"
  /// Of `system:switchboard-network`, which may read what a node's network is made from.
  static let networkKubeconfig = "network.kubeconfig"
  static let certificate = "serving.crt"
  static let key = "serving.key"
  /// Callers of the kubelet port must have a certificate from here.
  static let authority = "ca.crt"

  /// Makes the folder with everything in it.
  static func write(
    to folder: String, node: String, addresses: [IPAddress], server: String, identity: ClusterIdentity
  ) throws {
    let keys = Keys(
      node: try identity.node(node), serving: try identity.nodeServing(node, addresses: addresses),
      network: try identity.network())
    try write(keys, to: folder, node: node, server: server, authority: identity.authority.certificate)
  }

  /// A node's three identities.
  struct Keys {
    let node: CertifiedKey
    let serving: CertifiedKey
    let network: CertifiedKey
  }

  static func write(
    _ keys: Keys, to folder: String, node: String, server: String, authority certificates: String
  ) throws {
    try KernelFile.makeFolder(folder, mode: 0o700)
    func text(_ user: String, _ identity: CertifiedKey) -> String {
      Kubeconfig.text(server: server, authority: certificates, user: user, identity: identity)
    }
    let files = [
      (certificate, keys.serving.certificate), (key, keys.serving.privateKey), (authority, certificates),
      (networkKubeconfig, text("system:switchboard-network", keys.network)),
      // Last: whoever waits for it finds the others.
      (kubeconfig, text("system:node:\(node)", keys.node)),
    ]
    for (name, text) in files {
      try KernelFile.replace("\(folder)/\(name)", with: Array(text.utf8), mode: 0o600)
    }
  }
}
