import JSONTree
import KubernetesAPI

/// Whether a node takes a pod that was bound to it. Pure; reasons and messages are the kubelet's.
struct PodAdmission: Sendable {
  struct Rejection: Sendable, Hashable {
    let reason: String
    let message: String
  }

  let nodeName: String
  let allocatable: ResourceAmounts
  /// The pods that the node has taken and that have not ended.
  let others: [JSON]
  /// The Node object, where the pod asks for something of it.
  let node: JSON?

  /// Whether the pod can only be judged with the Node at hand: it asks for labels, or nobody has looked at the node's
  /// taints for it.
  static func needsNode(_ pod: JSON) -> Bool {
    NodeSelection(podSpec: pod.spec).isDemanding || pod.condition("PodScheduled") == nil
  }

  func rejection(of pod: JSON) -> Rejection? {
    if let message = SafeSysctls.refusal(of: pod) { return Rejection(reason: "SysctlForbidden", message: message) }
    if let system = pod.spec["os"]?["name"]?.string, system != "linux" {
      return Rejection(
        reason: "PodOSNotSupported", message: "Failed to admit pod as the OS field doesn't match node OS")
    }
    if pod.spec["securityContext"]?["supplementalGroupsPolicy"] == "Strict" {
      return Rejection(
        reason: "SupplementalGroupsPolicyNotSupported",
        message: "SupplementalGroupsPolicy=Strict is not supported in this node")
    }
    return shortage(of: pod) ?? mismatch(of: pod)
  }

  // MARK: Resources

  /// Why a pod cannot ever have what it wants of the node, though it were alone.
  func excess(of pod: JSON) -> String? {
    let wanted = ResourceAmounts.requests(of: pod.spec)
    let (name, requested, capacity) =
      wanted.memory > allocatable.memory
      ? ("memory", wanted.memory, allocatable.memory) : ("cpu", wanted.cpu, allocatable.cpu)
    guard requested > capacity else { return nil }
    return "Node didn't have enough capacity: \(name), requested: \(requested), capacity: \(capacity)"
  }

  func shortage(of pod: JSON) -> Rejection? {
    let count = Int64(others.count)
    if count + 1 > allocatable.pods { return shortage("pods", requested: 1, used: count, capacity: allocatable.pods) }
    let wanted = ResourceAmounts.requests(of: pod.spec)
    let used = others.reduce(ResourceAmounts()) { $0 + ResourceAmounts.requests(of: $1.spec) }
    if wanted.cpu > 0, wanted.cpu > allocatable.cpu - used.cpu {
      return shortage("cpu", requested: wanted.cpu, used: used.cpu, capacity: allocatable.cpu)
    }
    if wanted.memory > 0, wanted.memory > allocatable.memory - used.memory {
      return shortage("memory", requested: wanted.memory, used: used.memory, capacity: allocatable.memory)
    }
    for (name, amount) in wanted.others.sorted(by: { $0.key < $1.key }) where amount > 0 {
      // Extended resources that the node does not have are somebody else's business.
      let isExtended = name.contains("/")
      guard let capacity = allocatable.others[name] ?? (isExtended ? nil : 0) else { continue }
      let taken = used.others[name] ?? 0
      if amount > capacity - taken { return shortage(name, requested: amount, used: taken, capacity: capacity) }
    }
    return nil
  }

  private func shortage(_ name: String, requested: Int64, used: Int64, capacity: Int64) -> Rejection {
    Rejection(
      reason: "OutOf\(name)",
      message: "Node didn't have enough resource: \(name), requested: \(requested), used: \(used), capacity: "
        + "\(capacity)")
  }

  // MARK: The node

  private func mismatch(of pod: JSON) -> Rejection? {
    if let node, !NodeSelection(podSpec: pod.spec).allows(node: nodeName, labels: node.labels) {
      return failed("NodeAffinity", "node(s) didn't match Pod's node affinity/selector")
    }
    if !pod.nodeName.isEmpty, pod.nodeName != nodeName {
      return failed("NodeName", "node(s) didn't match the requested node name")
    }
    let wanted = HostPort.all(of: pod.spec)
    let taken = wanted.isEmpty ? [] : others.flatMap { HostPort.all(of: $0.spec) }
    if wanted.contains(where: { port in taken.contains { $0.collides(with: port) } }) {
      return failed("NodePorts", "node(s) didn't have free ports for the requested pod ports")
    }
    let tolerations = (pod.spec["tolerations"]?.items ?? []).map(Toleration.init)
    let taints = (node?.spec["taints"]?.items ?? []).map(Taint.init)
    let isKeptOff = taints.contains { taint in
      taint.effect == "NoExecute" && !tolerations.contains { $0.tolerates(taint) }
    }
    return isKeptOff ? failed("TaintToleration", "node(s) had taints that the pod didn't tolerate") : nil
  }

  private func failed(_ name: String, _ reason: String) -> Rejection {
    Rejection(reason: name, message: "Predicate \(name) failed: \(reason)")
  }
}
