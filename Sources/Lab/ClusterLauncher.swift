internal import Glibc
internal import LinuxKernel
internal import NetworkTypes

/// Starts a cluster's nodes where we are: on the machine itself, or inside a lab.
package struct ClusterLauncher {
  private let configuration: ClusterConfiguration

  package init(_ configuration: ClusterConfiguration) { self.configuration = configuration }

  /// Makes the network, starts a supervisor per node and writes the state down. Returns at once: the nodes come up on
  /// their own. Where a step fails, what was made is removed again.
  ///
  /// - Parameter detached: whether the nodes are to outlive this process.
  package func launch(detached: Bool) throws -> ClusterState {
    try check()
    let folder = configuration.folder
    var state = ClusterState(
      name: configuration.name, controlGroup: configuration.controlGroup, kubeconfig: folder.kubeconfig, nodes: [])
    do {
      try KernelFile.makeFolder(folder.shared)
      let network = try ClusterNetwork(configuration)
      try network.makeBridge()
      if configuration.hasUplink {
        // Noted before it is opened: whatever fails in between, it is closed.
        state.uplinkFamilies = configuration.families
        try Uplink.open(configuration.families, noting: &state.formerSettings)
      }
      for (index, name) in configuration.nodeNames.enumerated() {
        state.nodes.append(try start(name, index + 1, network, detached: detached))
        // After each: whatever happens next, `down` finds all there is.
        try state.save(to: folder.state)
      }
      return state
    } catch {
      ClusterRemoval(folder).remove(state) { _ in }
      throw error
    }
  }

  private func check() throws(LabError) {
    guard geteuid() == 0 else {
      throw LabError(.notPrivileged, "nodes are made of namespaces and mounts, which only root may make: use sudo")
    }
    guard (1...ClusterAddresses.maximumNodes).contains(configuration.nodeCount) else {
      throw LabError(.refused, "--nodes wants a number from 1 to \(ClusterAddresses.maximumNodes)")
    }
    for path in [configuration.program, configuration.plugin] where !KernelFile.exists(path) {
      throw LabError(.missing, "\(path) is missing: `make build` makes both programs, which stay side by side")
    }
    for path in configuration.images where !KernelFile.exists(path) {
      throw LabError(.missing, "there is no image archive \(path)")
    }
    let socket = configuration.folder.node(configuration.nodeNames.last ?? "").containerdSocket
    guard socket.utf8.count + ".ttrpc".utf8.count <= LocalSocket.longestPath else {
      throw LabError(.refused, "\(socket) is too long for a socket's path: give a shorter --state-dir")
    }
    guard ProcessLauncher.find("containerd") != nil, ProcessLauncher.find("runc") != nil else {
      throw LabError(.missing, "containerd or runc is missing: apt-get install containerd runc")
    }
  }

  private func start(
    _ name: String, _ index: Int, _ network: ClusterNetwork, detached: Bool
  ) throws -> ClusterState.Node {
    let folder = configuration.folder.node(name)
    let logs = configuration.logs(of: name)
    try folder.make()
    try KernelFile.makeFolder(logs)
    let addresses = configuration.addresses(ofNode: index)
    try configuration.issueCredentials(configuration, name, addresses)
    let node = NodeSpecification(
      name: name, addresses: addresses, folder: folder.path, sharedFolder: configuration.folder.shared,
      logFolder: logs,
      controlGroup: "\(configuration.controlGroup)/\(name)", program: configuration.program,
      plugin: configuration.plugin, runsServer: index == 1)
    try node.save(to: folder.specification)
    try KernelFile.replace(folder.containerdConfiguration, with: Array(configuration.containerdConfiguration.utf8))
    try ControlGroups().create(node.controlGroup)
    let namespace = try network.makeNode(index)

    let log = try FileDescriptor.open("\(logs)/supervisor.log", O_WRONLY | O_CREAT | O_APPEND)
    var launcher = ProcessLauncher(configuration.program, ["supervise", folder.specification])
    launcher.environment =
      launcher.environment.filter { !$0.hasPrefix("SWIFT_BACKTRACE=") } + ["SWIFT_BACKTRACE=enable=no"]
    launcher.standardOutput = log.rawValue
    launcher.standardError = log.rawValue
    launcher.workingDirectory = "/"
    launcher.newNamespaces = [.process, .mount, .hostName, .ipc]
    launcher.joinedNamespaces = [namespace.descriptor.rawValue]
    launcher.newSession = detached
    let child = try launcher.launch()
    guard let identity = ProcessIdentity(runningAs: child.pid) else {
      throw LabError(.refused, "the supervisor of \(name) ended at once; it says why in \(logs)/supervisor.log")
    }
    return ClusterState.Node(
      name: name, address: addresses[0].description, supervisor: identity, folder: folder.path, logFolder: logs)
  }
}
