import ArgumentParser
import Glibc
import Lab
import LinuxKernel

struct UpCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up", abstract: "Start a cluster on this machine; it stays until `switchboard down`.",
    discussion: """
        switchboard up --nodes 3
        switchboard up --nodes 2 --image app.tar

      Each node has processes, mounts, a host name and a network of its own. The nodes reach the outside through this
      machine, and the machine reaches them at 172.30.0.11, 172.30.0.12, …
      """)

  @OptionGroup var nodeOptions: NodeOptions
  @OptionGroup var state: StateOptions

  func run() async throws {
    let folder = ClusterFolder.cluster(StateOptions.clusterName, in: state.stateDir)
    let progress = Progress()
    let started = ContinuousClock.now
    let cluster = try start(folder, progress)
    do {
      try await loadImages(into: cluster, progress)
      progress.step("waiting for \(nodeOptions.nodes == 1 ? "the node" : "\(nodeOptions.nodes) nodes")")
      try await BlockingThread.run {
        try FileArrival.wait(for: folder.kubeconfig, limit: .seconds(nodeOptions.timeout))
      }
      try await NodeReadiness(
        kubeconfig: folder.kubeconfig, count: nodeOptions.nodes, limit: .seconds(nodeOptions.timeout)
      ).wait { progress.step("\($0) of \(nodeOptions.nodes) nodes ready") }
    } catch {
      progress.fail(logTails(of: cluster))
      ClusterRemoval(folder).remove(cluster) { progress.fail($0) }
      throw error
    }
    progress.done(
      """
      \(nodeOptions.nodes == 1 ? "1 node is" : "\(nodeOptions.nodes) nodes are") ready after \
      \(Progress.seconds(ContinuousClock.now - started)).
      """)
    print("export KUBECONFIG=\(folder.kubeconfig)")
  }

  private func start(_ folder: ClusterFolder, _ progress: Progress) throws -> ClusterState {
    guard geteuid() == 0 else {
      throw LabError(.notPrivileged, "nodes are made of namespaces and mounts, which only root may make: use sudo")
    }
    if let running = try ClusterState.load(from: folder.state) {
      guard !running.isRunning else {
        throw LabError(
          .alreadyUp,
          """
          a cluster is up already (\(running.nodes.map(\.name).joined(separator: ", ")); \
          KUBECONFIG=\(running.kubeconfig)); `switchboard down` ends it
          """)
      }
      progress.step("removing what is left of a cluster that died")
      ClusterRemoval(folder).remove(running) { progress.fail($0) }
    }
    try KernelFile.makeFolder(folder.path)
    guard let lock = try FileLock.tryExclusive(folder.lock) else {
      throw LabError(.alreadyUp, "another `switchboard up` or `down` is under way")
    }
    return try launch(folder, progress, lock)
  }

  /// Starts the nodes while the lock is held.
  private func launch(
    _ folder: ClusterFolder, _ progress: Progress, _ lock: borrowing FileLock
  ) throws -> ClusterState {
    progress.step("starting \(nodeOptions.nodes == 1 ? "a node" : "\(nodeOptions.nodes) nodes")")
    let cluster = try nodeOptions.cluster(name: StateOptions.clusterName, folder: folder, hasUplink: true)
    return try ClusterLauncher(cluster).launch(detached: true)
  }

  private func loadImages(into cluster: ClusterState, _ progress: Progress) async throws {
    let folder = ClusterFolder.cluster(StateOptions.clusterName, in: state.stateDir)
    let archives = ["\(folder.path)/pause.tar"] + (try nodeOptions.imagePaths())
    let nodes = cluster.nodes.map { NodeFolder($0.folder) }
    let limit = Duration.seconds(nodeOptions.timeout)
    if archives.count > 1 { progress.step("loading images") }
    try await BlockingThread.run {
      for node in nodes {
        try FileArrival.wait(for: node.containerdSocket, limit: limit, until: LocalSocket.isListening)
      }
      try ImageLoading.load(archives, into: nodes)
    }
  }

  /// The last words of everything that was to run.
  private func logTails(of cluster: ClusterState) -> String {
    cluster.nodes.map { LogTail.text(node: $0.name, folder: $0.logFolder) }.joined()
  }
}
