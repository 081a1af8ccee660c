import APIClient
import ArgumentParser
import Glibc
import Lab

/// How a command reaches the API.
struct APIOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How to reach the API; without it $KUBECONFIG or the cluster of this machine.", valueName: "file"))
  var kubeconfig: String?
  @OptionGroup var state: StateOptions

  /// By the file that was named, else by `$KUBECONFIG`, else the cluster of this machine.
  func client() throws -> APIClient {
    let named = kubeconfig ?? getenv("KUBECONFIG").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    return try Self.client(named ?? state.runningCluster().kubeconfig)
  }

  /// - Parameter kubeconfig: the file's path.
  static func client(_ kubeconfig: String) throws -> APIClient {
    APIClient(
      transport: try HTTPTransport(configuration: try Kubeconfig(path: kubeconfig).configuration()),
      name: "switchboard-cli")
  }
}
