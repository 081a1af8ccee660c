import KubernetesAPI

/// The tests of one node by itself, in upstream's order; the first that fails gives the reasons.
enum NodeFilter {
  static func reasons(against pod: SchedulingPod, on node: SchedulingNode) -> [String] {
    let unschedulable = Taint(key: "node.kubernetes.io/unschedulable", effect: "NoSchedule")
    if node.isUnschedulable, !pod.tolerations.contains(where: { $0.tolerates(unschedulable) }) {
      return ["node(s) were unschedulable"]
    }
    if !pod.nodeName.isEmpty, pod.nodeName != node.name {
      return ["node(s) didn't match the requested node name"]
    }
    let isTolerated = { (taint: Taint) in pod.tolerations.contains { $0.tolerates(taint) } }
    if let taint = node.taints.first(where: { $0.isHard && !isTolerated($0) }) {
      return ["node(s) had untolerated taint {\(taint.key): \(taint.value)}"]
    }
    if !pod.nodeSelection.allows(node: node.name, labels: node.labels) {
      return ["node(s) didn't match Pod's node affinity/selector"]
    }
    let taken = pod.hostPorts.isEmpty ? [] : node.pods.values.flatMap(\.hostPorts)
    if pod.hostPorts.contains(where: { port in taken.contains { $0.collides(with: port) } }) {
      return ["node(s) didn't have free ports for the requested pod ports"]
    }
    return shortages(of: pod, on: node)
  }

  private static func shortages(of pod: SchedulingPod, on node: SchedulingNode) -> [String] {
    var reasons: [String] = []
    if Int64(node.pods.count) + 1 > node.allocatable.pods { reasons.append("Too many pods") }
    let free = node.allocatable - node.requested
    if pod.requests.cpu > 0, pod.requests.cpu > free.cpu { reasons.append("Insufficient cpu") }
    if pod.requests.memory > 0, pod.requests.memory > free.memory { reasons.append("Insufficient memory") }
    for (name, amount) in pod.requests.others where amount > 0 && amount > free.others[name] ?? 0 {
      reasons.append("Insufficient \(name)")
    }
    return reasons
  }
}
