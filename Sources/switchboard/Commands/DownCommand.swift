import ArgumentParser
import Glibc
import Lab

struct DownCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "down", abstract: "End the cluster that `switchboard up` started, and remove everything of it.",
    discussion: """
        switchboard down

      Nothing is left: no process, network namespace, interface, mount, control group or file.
      """)

  @OptionGroup var state: StateOptions

  func run() throws {
    let folder = ClusterFolder.cluster(StateOptions.clusterName, in: state.stateDir)
    guard let cluster = try ClusterState.load(from: folder.state) else {
      throw LabError(.notUp, "no cluster is up, so there is nothing to end")
    }
    guard geteuid() == 0 else { throw LabError(.notPrivileged, "only root may end the nodes: use sudo") }
    var problems: [String] = []
    ClusterRemoval(folder).remove(cluster) { problems.append($0) }
    guard problems.isEmpty else {
      for problem in problems { StandardError.write("\(problem)\n") }
      throw ExitCode.failure
    }
    print("\(cluster.nodes.count == 1 ? "1 node is" : "\(cluster.nodes.count) nodes are") gone")
  }
}
