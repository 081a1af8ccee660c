import ArgumentParser

struct AgentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agent", abstract: "Run a node: pods, pod network, Services and names.",
    discussion: """
      It registers the machine as a node and starts a containerd of its own, unless an endpoint names one.
      `switchboard create-token` prints the command by which a machine joins; its credentials are kept in a folder and
      used from then on. Or they are a folder that `switchboard issue-node` has written where the server runs.

        switchboard agent --server https://192.0.2.10:6443 --token TOKEN --authority-hash HASH --node-ip 192.0.2.11
        switchboard agent --credentials worker-1 --node-name worker-1 --node-ip 192.0.2.11

      Where the cluster has addresses of both families, each agent is told so:

        switchboard agent --credentials worker-1 --node-ip 192.0.2.11,2001:db8::11 \\
          --pod-cidr 10.244.0.0/16,fd53:7762:1::/56 --service-cidr 10.96.0.0/12,fd53:7762:2::/112
      """)

  @Option(
    help: ArgumentHelp(
      "Folder from `switchboard issue-node`, or where those of a node that joins are kept.", valueName: "folder"))
  var credentials: String?

  @Option(help: ArgumentHelp("Join with this token, from `switchboard create-token`.", valueName: "token"))
  var token: String?

  @Option(help: ArgumentHelp("The API server to join.", valueName: "url"))
  var server: String?

  @Option(help: ArgumentHelp("How the cluster to join is known: sha256: and its key's hash.", valueName: "hash"))
  var authorityHash: String?

  @Option(help: ArgumentHelp("How to reach the API server, where it is not in the credentials.", valueName: "file"))
  var kubeconfig: String?

  @Option(help: ArgumentHelp("The node's name; without it the host's.", valueName: "name"))
  var nodeName: String?

  @Option(
    help: ArgumentHelp(
      "Address under which other nodes reach this one; one of each family, ADDRESS,ADDRESS or repeated. The first is "
        + "that of its pods' hostIP.", valueName: "address"))
  var nodeIp: [String]

  @Option(
    help: ArgumentHelp("CRI endpoint of a containerd that is there, such as unix:///run/c.sock.", valueName: "url"))
  var containerRuntimeEndpoint: String?

  @Option(help: ArgumentHelp("Control group below which pods get theirs; without it the root.", valueName: "name"))
  var cgroupRoot: String?

  @Option(
    help: ArgumentHelp("Addresses of pods, as the server has them: a block or one of each family.", valueName: "cidr"))
  var podCidr = "10.244.0.0/16"

  @Option(
    help: ArgumentHelp(
      "Addresses of Services, as the server has them: a block or one of each family.", valueName: "cidr"))
  var serviceCidr = "10.96.0.0/12"

  @Option(
    help: ArgumentHelp(
      "The longest that a pod which ends is kept in service until no node sends to it any more; 0: not at all.",
      valueName: "seconds"))
  var withdrawalTimeout = 2.0

  @Flag(help: "Leave connections alone that a policy forbids after they were let in, instead of cutting them.")
  var keepForbiddenFlows = false

  @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
  var logLevel = "info"

  func run() async throws { try await AgentComposition.run(self) }
}
