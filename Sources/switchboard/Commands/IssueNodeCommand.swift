import APIServer
import ArgumentParser
import LinuxKernel

struct IssueNodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "issue-node", abstract: "Write the credentials by which a machine joins as a node.",
    discussion: """
      Run it where the server keeps its data, then copy the folder to the node and name it to the agent:

        switchboard issue-node worker-1 --address 192.0.2.11 --server https://192.0.2.10:6443 --out worker-1
        switchboard agent --credentials worker-1 --node-name worker-1 --node-ip 192.0.2.11
      """)

  @Argument(help: "The node's name.")
  var name: String

  @Option(
    help: ArgumentHelp(
      "Address under which other nodes reach it; one of each family, ADDRESS,ADDRESS or repeated.",
      valueName: "address"))
  var address: [String]

  @Option(help: ArgumentHelp("How the node reaches the API server.", valueName: "url"))
  var server: String

  @Option(help: ArgumentHelp("The server's data folder.", valueName: "folder"))
  var dataDir = "/var/lib/switchboard/server"

  @Option(help: ArgumentHelp("Folder to write; made where it is missing.", valueName: "folder"))
  var out: String

  func run() throws {
    let pki = APIServer.Configuration.identityDirectory(in: dataDir)
    guard KernelFile.exists(pki) else {
      throw ValidationError("\(dataDir) is not the data folder of a server that has run: name it with --data-dir.")
    }
    try NodeCredentials.write(
      to: out, node: name, addresses: try CommandParsing.addresses(address, option: "--address"),
      server: server, identity: try ClusterIdentity(directory: pki))
  }
}
