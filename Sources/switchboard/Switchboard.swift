import ArgumentParser

/// `switchboard` with its subcommands.
struct Switchboard: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "switchboard",
    abstract: "Kubernetes clusters on one Linux machine, and the parts they are made of.",
    discussion: """
      A cluster of three nodes, used and taken down:

        switchboard up --nodes 3
        export KUBECONFIG=/var/lib/switchboard/clusters/switchboard/shared/kubeconfig
        kubectl get nodes
        switchboard down

      A cluster for the length of one command, such as a test:

        switchboard lab run --nodes 3 -- kubectl get nodes

      Whether this machine has what is needed:

        switchboard doctor
      """,
    groupedSubcommands: [
      CommandGroup(
        name: "Clusters",
        subcommands: [
          UpCommand.self, DownCommand.self, StatusCommand.self, ExplainCommand.self, FlowsCommand.self,
          PolicyCommand.self, LabCommand.self, ImageCommand.self, NodeCommand.self, DoctorCommand.self,
        ]),
      CommandGroup(
        name: "Parts",
        subcommands: [ServerCommand.self, AgentCommand.self, CreateTokenCommand.self, IssueNodeCommand.self]),
      // Hidden: what a cluster starts itself.
      CommandGroup(
        name: "Internal", subcommands: [LabInitCommand.self, SuperviseCommand.self, AwaitNodesCommand.self]),
    ])
}
