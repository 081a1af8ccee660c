internal import Glibc
internal import LinuxKernel

/// Takes a cluster down and removes everything of it. Each step is tried, whatever became of those before.
package struct ClusterRemoval {
  private let folder: ClusterFolder

  package init(_ folder: ClusterFolder) { self.folder = folder }

  /// Ends the nodes and removes their network, control groups and files.
  ///
  /// - Parameter report: told of every step that failed.
  package func remove(_ state: ClusterState, report: (String) -> Void) {
    func attempt(_ what: String, _ body: () throws -> Void) {
      do { try body() } catch { report("\(what): \(error)") }
    }
    for node in state.nodes { attempt("end \(node.name)") { try end(node) } }
    attempt("remove the bridge") { try ClusterNetwork.removeBridge() }
    attempt("close the way out") { try Uplink.close(state.uplinkFamilies, restoring: state.formerSettings) }
    attempt("remove the control groups") { try ControlGroups().remove(state.controlGroup) }
    attempt("remove the files") { try removeFiles() }
  }

  /// Kills the first process of the node's PID namespace; the kernel ends all others, and with them mounts and links.
  private func end(_ node: ClusterState.Node) throws(KernelError) {
    guard node.supervisor.isRunning else { return }
    let process = try Processes.open(node.supervisor.pid)
    // Between the check and the opening the number could have changed hands.
    guard node.supervisor.isRunning else { return }
    try Processes.signal(process, SIGKILL)
    _ = try Descriptors.waitReadable([process.rawValue], milliseconds: 10_000)
  }

  /// Removes the cluster's files, and the folders above that are empty then.
  func removeFiles() throws(KernelError) {
    try FileTree.remove(folder.path)
    var parent = folder.path
    for _ in 0..<2 {
      guard let slash = parent.lastIndex(of: "/"), slash != parent.startIndex else { return }
      parent = String(parent[..<slash])
      guard FileTree.removeIfEmpty(parent) else { return }
    }
  }
}
