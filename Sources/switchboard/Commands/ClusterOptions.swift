import APIServer
import ArgumentParser
import ContainerRuntime
import Glibc
import Lab
import LinuxKernel

/// Where clusters on this machine keep their files.
struct StateOptions: ParsableArguments {
  @Option(help: "Folder for everything that clusters keep. It has to be on a real disk, not on an overlay.")
  var stateDir = ClusterFolder.defaultStateFolder

  /// The one cluster that `up` makes. Inside a lab, the lab's.
  var folder: ClusterFolder {
    if let path = getenv("SWITCHBOARD_CLUSTER").map({ String(cString: $0) }), !path.isEmpty {
      return ClusterFolder(path)
    }
    return .cluster(Self.clusterName, in: stateDir)
  }

  static let clusterName = "switchboard"

  /// The state of the running cluster; throws where none runs.
  func runningCluster() throws -> ClusterState {
    guard let state = try ClusterState.load(from: folder.state), state.isRunning else {
      throw LabError(.notUp, "no cluster is up; `switchboard up` starts one")
    }
    return state
  }
}

/// What a cluster on this machine is made of.
struct NodeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How many nodes.", valueName: "n"))
  var nodes = 1

  @Option(
    help: ArgumentHelp(
      "Image archive (as `docker save` writes it) to put into every node. May be given several times.",
      valueName: "file"))
  var image: [String] = []

  @Option(help: ArgumentHelp("How long the nodes may take to be ready.", valueName: "seconds"))
  var timeout = 60

  @Option(help: "Addresses of nodes, pods and Services: ipv4, ipv6, or dual for both.")
  var ipFamily = IPFamilyChoice.usual

  @Option(help: ArgumentHelp("Folder for the nodes' logs, kept afterwards.", valueName: "folder"))
  var logs: String?

  mutating func validate() throws {
    guard (1...ClusterAddresses.maximumNodes).contains(nodes) else {
      throw ValidationError("--nodes wants a number from 1 to \(ClusterAddresses.maximumNodes).")
    }
    guard timeout > 0 else { throw ValidationError("--timeout wants a number of seconds above 0.") }
  }

  /// The archives, absolute and there.
  func imagePaths() throws -> [String] {
    try image.map { path in
      guard let resolved = realpath(path, nil) else { throw LabError(.missing, "there is no image archive \(path)") }
      defer { free(resolved) }
      return String(cString: resolved)
    }
  }

  /// The cluster these options describe.
  func cluster(name: String, folder: ClusterFolder, hasUplink: Bool) throws -> ClusterConfiguration {
    var cluster = ClusterConfiguration(
      name: name, nodeCount: nodes, folder: folder, program: try Programs.own, plugin: try Programs.plugin,
      containerdConfiguration: ContainerdConfiguration(
        networkPluginDirectory: NodePaths.programs, networkConfigurationDirectory: NodePaths.pluginConfiguration
      ).text, hasUplink: hasUplink
    ) { cluster, node, addresses in
      // The server finds at its first start the identity that is made here.
      let pki = APIServer.Configuration.identityDirectory(in: cluster.serverData)
      try NodeCredentials.write(
        to: cluster.folder.node(node).credentials, node: node, addresses: addresses, server: cluster.serverURL,
        identity: try ClusterIdentity(directory: pki))
    }
    cluster.families = try ipFamily.families
    try KernelFile.makeFolder(folder.path)
    let pause = "\(folder.path)/pause.tar"
    try KernelFile.replace(pause, with: PauseImage.archive())
    cluster.images = [pause] + (try imagePaths())
    if let logs {
      try KernelFile.makeFolder(logs)
      cluster.logFolder = try Programs.absolute(logs)
    }
    return cluster
  }
}

/// Our own programs.
enum Programs {
  /// This program's absolute path.
  static var own: String { get throws { try absolute("/proc/self/exe") } }

  /// The network plugin, which lies beside this program.
  static var plugin: String {
    get throws {
      let own = try own
      return own[...(own.lastIndex(of: "/") ?? own.startIndex)] + "switchboard-cni"
    }
  }

  static func absolute(_ path: String) throws -> String {
    guard let resolved = realpath(path, nil) else { throw LabError(.missing, "there is no \(path)") }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
