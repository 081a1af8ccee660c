import APIServer
import LinuxKernel
import NetworkTypes

/// What a node needs to join: a folder with its kubeconfig, and the certificate it shows on the kubelet port.
enum NodeCredentials {
  static let kubeconfig = "kubeconfig"
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
