import APIClient
import Glibc
import KubernetesAPI
import Lab
import LinuxKernel
import NetworkTypes

/// The cluster of the lab that this process runs in. Nothing here works outside of one: what is measured must not
/// reach the machine's own network.
struct LabCluster: Sendable {
  let state: ClusterState
  let client: APIClient

  /// Throws ``BenchError`` outside of a lab, or where the lab has fewer nodes.
  static func current(nodes: Int) throws -> LabCluster {
    guard let path = getenv("SWITCHBOARD_CLUSTER").map({ String(cString: $0) }), !path.isEmpty,
      let state = try ClusterState.load(from: ClusterFolder(path).state), state.isRunning
    else {
      throw BenchError(
        .notInLab, "this measurement runs in a lab: switchboard lab run --nodes \(nodes) -- switchboard-bench ...")
    }
    guard state.nodes.count >= nodes else {
      throw BenchError(.notInLab, "this measurement wants a lab of \(nodes) nodes, not \(state.nodes.count)")
    }
    return LabCluster(
      state: state, client: try APIClient.connect(kubeconfig: state.kubeconfig, name: "switchboard-bench"))
  }

  func folder(of node: ClusterState.Node) -> NodeFolder { NodeFolder(node.folder) }

  /// The network namespace of a node.
  func network(of node: ClusterState.Node) throws -> NetworkNamespace {
    try NetworkNamespace.open(process: node.supervisor.pid)
  }

  /// The network namespace of a ``BenchPod`` that runs.
  func network(ofPod name: String) throws -> NetworkNamespace {
    for process in FileTree.names(in: "/proc") {
      guard let pid = Int32(process), let line = try? KernelFile.read("/proc/\(pid)/cmdline"),
        line.split(separator: 0).last.map({ String(decoding: $0, as: UTF8.self) }) == name
      else { continue }
      return try NetworkNamespace.open(process: pid)
    }
    throw BenchError(.unexpected, "no process of pod \(name) runs")
  }

  func address(of node: ClusterState.Node) throws -> IPAddress {
    guard let address = IPAddress(node.address) else {
      throw BenchError(.unexpected, "\(node.name) has the address \"\(node.address)\"")
    }
    return address
  }
}
