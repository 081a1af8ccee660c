package import JSONTree
package import KubernetesAPI
package import LinuxKernel
package import NIOSSL
package import NetworkTypes

/// What a node's agent is told when it starts.
package struct NodeAgentConfiguration: Sendable {
  package var nodeName: String
  /// The node's addresses; the first is its InternalIP and the `hostIP` of its pods.
  package var nodeAddresses: [IPAddress]
  /// The addresses of the cluster's DNS.
  package var clusterDNS: [String] = ["10.96.0.10"]
  package var clusterDomain = "cluster.local"
  /// Pods' volumes and files lie below `pods/UID`.
  package var stateDirectory = "/var/lib/switchboard"
  /// Where `localhostProfile` of a seccompProfile is looked for.
  package var seccompDirectory: String { "\(stateDirectory)/seccomp" }
  /// A container's log is rotated when it is larger; how many files of it are kept, the current one included.
  package var containerLogLimit = 10 << 20
  package var containerLogFiles = 5
  package var containerLogInterval = Duration.seconds(10)
  /// How often pods that may use so much of the disk and no more are measured.
  package var storageInterval = Duration.seconds(10)
  /// What whoever may ask the node sees of its own logs lies here.
  package var systemLogDirectory = "/var/log"
  package var podLogDirectory = "/var/log/pods"
  /// The cgroup below which this node's pods get theirs, `/` in front; empty is the root.
  package var cgroupRoot = ""
  package var labels: [String: String] = [:]
  package var maximumPods = 110
  package var port = 10250
  /// A listening socket somebody holds for us; `nil`: the agent opens its own on ``port``.
  package var listeningSocket: Int32?
  /// Certificate and client authority of the node's server; `nil`: no logs, no exec.
  package var serverTLS: TLSConfiguration?
  /// What `/metrics` of the node's server answers with, in Prometheus' text format.
  package var metrics: @Sendable () -> String = { "" }
  /// What `/services/NAMESPACE/NAME` of the node's server answers with: how this node carries a Service; `nil` for one
  /// that it does not know.
  package var serviceInForce: @Sendable (ObjectName) throws -> JSON? = { _ in nil }
  /// What `/explain/PART` of the node's server answers with.
  package var explain: Explanation = { part, _, _ in throw NodeAgentError(.notFound, "no explanation of '\(part)'") }
  package typealias Explanation =
    @Sendable (_ part: String, _ query: [String: String], _ pods: PodsHere) async throws -> JSON
  /// What `/flows` of the node's server answers with, for a query: it throws where the query makes no sense, and otherwise
  /// gives what writes the answer, whole lines at a time, until it is done or its task is cancelled.
  package var flows: Flows = { _ in throw NodeAgentError(.notFound, "this node keeps no book of flows") }
  package typealias Flows =
    @Sendable (_ query: [String: String]) throws ->
    @Sendable (
      _ write: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws -> Void
  package var kubernetesVersion = "v1.36.2"
  /// The node's own resolver configuration and hosts file.
  package var resolverPath = "/etc/resolv.conf"
  package var hostsPath = "/etc/hosts"
  package var leaseRenewal = Duration.seconds(10)
  package var leaseDurationSeconds: Int64 = 40
  package var statusInterval = Duration.seconds(60)

  package init(nodeName: String, nodeAddresses: [IPAddress]) {
    self.nodeName = nodeName
    self.nodeAddresses = nodeAddresses
  }

  /// What of it a kubelet would have in its configuration file, under the names it has there.
  var text: JSON {
    [
      "kind": "KubeletConfiguration", "apiVersion": "kubelet.config.k8s.io/v1beta1", "port": .int(Int64(port)),
      "maxPods": .int(Int64(maximumPods)), "clusterDomain": .string(clusterDomain),
      "clusterDNS": .array(clusterDNS.map { .string($0) }),
      "cgroupRoot": .string(cgroupRoot.isEmpty ? "/" : cgroupRoot),
      "resolvConf": .string(resolverPath), "containerLogMaxSize": .string("\(containerLogLimit)"),
      "containerLogMaxFiles": .int(Int64(containerLogFiles)),
      "containerLogMonitorInterval": .string(PodWorker.text(containerLogInterval)),
      "nodeLeaseDurationSeconds": .int(leaseDurationSeconds),
      "nodeStatusUpdateFrequency": .string(PodWorker.text(statusInterval)), "podLogsDir": .string(podLogDirectory),
    ]
  }

  /// A pod's addresses as its status has them, from those the runtime tells: one of each family, that of the node's first
  /// address in front.
  func ordered(podAddresses: [String]) -> [String] {
    let parsed = podAddresses.compactMap { text in IPAddress(text).map { (text, $0.family) } }
    let primary = nodeAddresses.first?.family ?? .v4
    return [primary, primary == .v4 ? .v6 : .v4].compactMap { family in parsed.first { $0.1 == family }?.0 }
  }

  /// The node's addresses that its pods tell as `hostIPs`: the first, and the first of the other family.
  var hostAddresses: [String] {
    let others = nodeAddresses.filter { $0.family != nodeAddresses.first?.family }
    return (nodeAddresses.prefix(1) + others.prefix(1)).map(\.description)
  }

  func directory(of uid: String) -> String { "\(stateDirectory)/pods/\(uid)" }

  func logDirectory(of pod: JSON) -> String { "\(podLogDirectory)/\(pod.namespace)_\(pod.name)_\(pod.uid)" }

  func terminationMessagePath(uid: String, container: String, attempt: UInt32) -> String {
    "\(directory(of: uid))/containers/\(container)/\(attempt)"
  }

  func cgroupParent(of pod: JSON) -> String {
    switch QualityOfService(pod: pod) {
    case .guaranteed: "\(cgroupRoot)/kubepods/pod\(pod.uid)"
    case .burstable: "\(cgroupRoot)/kubepods/burstable/pod\(pod.uid)"
    case .bestEffort: "\(cgroupRoot)/kubepods/besteffort/pod\(pod.uid)"
    }
  }
}
