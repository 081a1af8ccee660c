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
    try KernelFile.makeFolder(folder, mode: 0o700)
    let serving = try identity.nodeServing(node, addresses: addresses)
    let files = [
      (certificate, serving.certificate), (key, serving.privateKey), (authority, identity.authority.certificate),
      (
        networkKubeconfig,
        Kubeconfig.text(
          server: server, authority: identity.authority.certificate, user: "system:switchboard-network",
          identity: try identity.network())
      ),
      // Last: whoever waits for it finds the others.
      (
        kubeconfig,
        Kubeconfig.text(
          server: server, authority: identity.authority.certificate, user: "system:node:\(node)",
          identity: try identity.node(node))
      ),
    ]
    for (name, text) in files {
      try KernelFile.replace("\(folder)/\(name)", with: Array(text.utf8), mode: 0o600)
    }
  }
}
