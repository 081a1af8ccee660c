import APIClient
import ArgumentParser
import Lab

/// Waits until a cluster's nodes are ready; labs start it.
struct AwaitNodesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "await-nodes", shouldDisplay: false)

  @Option var nodes: Int
  @Option var timeout: Int
  @Option var kubeconfig = Kubeconfig.defaultPath

  func run() async throws {
    try await NodeReadiness(kubeconfig: kubeconfig, count: nodes, limit: .seconds(timeout)).wait { _ in }
  }
}
