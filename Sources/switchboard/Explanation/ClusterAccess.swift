import APIClient
import Glibc
import Lab

/// How commands of this program reach the API.
enum ClusterAccess {
  /// By the file that was named, else by `$KUBECONFIG`, else the cluster of this machine.
  static func client(_ kubeconfig: String?, _ state: StateOptions) throws -> APIClient {
    let named = kubeconfig ?? getenv("KUBECONFIG").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    let path = try named ?? state.runningCluster().kubeconfig
    return APIClient(
      transport: try HTTPTransport(configuration: try Kubeconfig(path: path).configuration()), name: "switchboard-cli")
  }
}
