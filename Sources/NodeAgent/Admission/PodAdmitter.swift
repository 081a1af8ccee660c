import JSONTree
import KubernetesAPI

/// Takes pods one after another, each with those in view that were taken before it.
actor PodAdmitter {
  private let nodeName: String
  private let allocatable: ResourceAmounts
  private let pods: @Sendable () -> [JSON]
  private let node: @Sendable () async -> JSON?
  private var admitted: Set<String> = []

  /// - Parameters:
  ///   - pods: everything bound to the node, as known now.
  ///   - node: the Node object; `nil` where it cannot be read, which then counts for nothing.
  init(
    configuration: NodeAgentConfiguration, machine: MachineFacts, pods: @escaping @Sendable () -> [JSON],
    node: @escaping @Sendable () async -> JSON?
  ) {
    nodeName = configuration.nodeName
    allocatable = ResourceAmounts(NodeObject.capacity(configuration, machine))
    self.pods = pods
    self.node = node
  }

  /// Why the node does not take the pod; `nil`: it is taken. A pod that was started by an earlier agent was taken then.
  func admit(_ pod: JSON) async -> PodAdmission.Rejection? {
    if admitted.contains(pod.uid) || hasStarted(pod) {
      admitted.insert(pod.uid)
      return nil
    }
    let object = PodAdmission.needsNode(pod) ? await node() : nil
    let all = pods()
    admitted.formIntersection(all.map(\.uid))
    let others = all.filter { other in
      other.uid != pod.uid && !other.isPodFinished && (admitted.contains(other.uid) || hasStarted(other))
    }
    let admission = PodAdmission(nodeName: nodeName, allocatable: allocatable, others: others, node: object)
    if let rejection = admission.rejection(of: pod) { return rejection }
    admitted.insert(pod.uid)
    return nil
  }

  private func hasStarted(_ pod: JSON) -> Bool { pod.status["startTime"] != nil }
}
