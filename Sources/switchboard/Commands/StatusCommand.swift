import APIClient
import ArgumentParser
import JSONTree
import KubernetesAPI
import Lab

/// How a command prints its result.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json

  /// Prints what of the two is asked for.
  func show(_ text: String, _ tree: JSON) {
    switch self {
    case .text: print(text, terminator: "")
    case .json: print(String(decoding: tree.encoded(indented: true), as: UTF8.self))
    }
  }
}

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show what runs: nodes, pods and Services; or where one Service leads.",
    discussion: """
        switchboard status
        switchboard status --output json | jq '.nodes[] | select(.ready | not)'
        switchboard status service web
      """, subcommands: [ClusterStatusCommand.self, ServiceStatusCommand.self],
    defaultSubcommand: ClusterStatusCommand.self)
}

struct ClusterStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster", abstract: "Show what runs: nodes, pods and Services.")

  @OptionGroup var state: StateOptions
  @Option(name: .shortAndLong, help: "text, or json for scripts.") var output = OutputFormat.text

  func run() async throws {
    let cluster = try state.runningCluster()
    let client = try APIOptions.client(cluster.kubeconfig)
    async let nodes = client.list(.nodes)
    async let pods = client.list(.pods)
    async let services = client.list(.services)
    let summary = ClusterSummary(
      state: cluster, nodes: try await nodes.items, pods: try await pods.items, services: try await services.items)
    output.show(summary.text, summary.tree)
  }
}
