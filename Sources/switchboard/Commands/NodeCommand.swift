import ArgumentParser
import Lab
import LinuxKernel

struct NodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "node", abstract: "Look into a node.", subcommands: [NodeExecCommand.self])
}

struct NodeExecCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exec", abstract: "Run a command on a node, as a process of it.",
    usage: "switchboard node exec <node> -- <command> ...",
    discussion: """
        switchboard node exec node-2 -- ip route
        switchboard node exec node-1 -- nft list ruleset
      """)

  @OptionGroup var state: StateOptions
  @Argument(help: "The node's name.") var node: String
  @Argument(parsing: .postTerminator, help: "The command and its arguments, after `--`.") var command: [String] = []

  func validate() throws {
    guard !command.isEmpty else {
      throw ValidationError("Which command is to run? switchboard node exec \(node) -- ip address")
    }
  }

  func run() throws {
    let node = try state.runningCluster().node(node)
    guard let program = ProcessLauncher.find(command[0]) else {
      throw LabError(.missing, "there is no program \(command[0])")
    }
    let namespaces = "/proc/\(node.supervisor.pid)/ns"
    let process = try FileDescriptor.open("\(namespaces)/pid")
    let joined = try ["net", "uts", "ipc", "cgroup", "mnt"].map {
      try FileDescriptor.open("\(namespaces)/\($0)").release()
    }
    var launcher = ProcessLauncher(program, Array(command.dropFirst()))
    launcher.standardInput = 0
    launcher.standardOutput = 1
    launcher.standardError = 2
    launcher.joinedProcessNamespace = process.rawValue
    launcher.joinedNamespaces = joined
    launcher.workingDirectory = "/"
    let child = try launcher.launch()
    throw ExitCode(try child.wait().shellCode)
  }
}
