import ArgumentParser
import Glibc
import Lab
import LinuxKernel

struct LabCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lab", abstract: "Run a command in a cluster of its own that ends with it.",
    subcommands: [LabRunCommand.self, LabSweepCommand.self])
}

struct LabRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Make a cluster, run a command in it, remove the cluster.",
    usage: "switchboard lab run [--nodes <n>] [--image <file> ...] -- <command> ...",
    discussion: """
      The command runs with KUBECONFIG set, once every node is ready; its exit code is passed on. The lab has a network
      of its own without a way out, and any number of labs run side by side.

        switchboard lab run -- kubectl get nodes
        switchboard lab run --nodes 3 --image app.tar -- ./integration-test.sh
        switchboard lab run --nodes 2 -- bash

      Exit codes: the command's own; 69 where the cluster did not come up; 128 + N after signal N.
      """)

  @OptionGroup var nodeOptions: NodeOptions
  @OptionGroup var state: StateOptions

  @Argument(parsing: .postTerminator, help: "The command and its arguments, after `--`.")
  var command: [String] = []

  func validate() throws {
    guard !command.isEmpty else {
      throw ValidationError("Which command is to run in the lab? switchboard lab run -- kubectl get nodes")
    }
  }

  func run() throws {
    var arguments = [
      "--nodes", "\(nodeOptions.nodes)", "--timeout", "\(nodeOptions.timeout)", "--ip-family",
      nodeOptions.ipFamily.rawValue,
    ]
    for path in try nodeOptions.imagePaths() { arguments += ["--image", path] }
    if let logs = nodeOptions.logs { arguments += ["--logs", logs] }
    let lab = LabRun(
      stateFolder: state.stateDir, program: try Programs.own, initArguments: arguments + ["--"] + command)
    throw ExitCode(try lab.run())
  }
}

struct LabSweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep", abstract: "Remove files and control groups of labs that died with their machine.",
    discussion: """
      `lab run` does this by itself before it starts. Labs that are running are left alone.

        switchboard lab sweep
      """)

  @OptionGroup var state: StateOptions
  @Option(help: .hidden) var after: String?

  func run() throws {
    if let after {
      return try LabLifetime.sweep(after, in: state.stateDir, after: InheritedSockets.adopt().take("init"))
    }
    var failed = false
    let swept = LabLifetime.sweep(in: state.stateDir) { problem in
      failed = true
      StandardError.write("\(problem)\n")
    }
    for id in swept { print("removed \(id)") }
    if failed { throw ExitCode.failure }
  }
}

/// The first process of a lab; `lab run` starts it.
struct LabInitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "lab-init", shouldDisplay: false)

  @Option var folder: String
  @Option var name: String
  @OptionGroup var nodeOptions: NodeOptions
  @Argument(parsing: .postTerminator) var command: [String] = []

  func run() throws {
    let cluster = try nodeOptions.cluster(name: name, folder: ClusterFolder(folder), hasUplink: false)
    let readiness = [
      cluster.program, "await-nodes", "--nodes", "\(nodeOptions.nodes)", "--timeout", "\(nodeOptions.timeout)",
    ]
    throw ExitCode(
      try LabInit.run(
        LabInit.Configuration(
          cluster: cluster, command: command, readiness: readiness, limit: .seconds(nodeOptions.timeout))))
  }
}

/// The first process of a node; `up` and labs start it.
struct SuperviseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "supervise", shouldDisplay: false)

  @Argument var specification: String

  func run() throws { try Supervisor.run(specification: specification) }
}
