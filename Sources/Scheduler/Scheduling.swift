import KubernetesAPI

/// Where a pod goes, or why it goes nowhere.
package enum Placement: Sendable, Hashable {
  case node(String)
  /// With the message that its event and condition carry, in upstream's wording.
  case unschedulable(String)
}

/// The choice of a node: pure functions over the pod and the nodes with their pods.
package enum Scheduling {
  /// The best of the nodes that the pod fits on. Equal scores go to the node with fewer pods, then by name.
  package static func place(_ pod: SchedulingPod, on nodes: some Collection<SchedulingNode>) -> Placement {
    let nodes = nodes.filter(\.exists)
    guard !nodes.isEmpty else { return .unschedulable("no nodes available to schedule pods") }
    let topology = TopologyFilter(pod: pod, nodes: nodes)
    var feasible: [SchedulingNode] = []
    var reasons: [String: Int] = [:]
    for node in nodes {
      var verdict = NodeFilter.reasons(against: pod, on: node)
      if verdict.isEmpty { verdict = topology.reasons(on: node) }
      if verdict.isEmpty { feasible.append(node) } else { for reason in verdict { reasons[reason, default: 0] += 1 } }
    }
    guard !feasible.isEmpty else {
      let text = reasons.map { "\($0.value) \($0.key)" }.sorted().joined(separator: ", ")
      return .unschedulable("0/\(nodes.count) nodes are available: \(text).")
    }
    if feasible.count == 1 { return .node(feasible[0].name) }
    let scores = NodeScore.scores(of: feasible, for: pod, among: nodes)
    let best = zip(feasible, scores).min { left, right in
      if left.1 != right.1 { return left.1 > right.1 }
      if left.0.pods.count != right.0.pods.count { return left.0.pods.count < right.0.pods.count }
      return left.0.name < right.0.name
    }
    return .node(best?.0.name ?? feasible[0].name)
  }
}
