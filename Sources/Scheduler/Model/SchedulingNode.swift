package import JSONTree
package import KubernetesAPI

/// What scheduling needs to know of a node, with the pods that are on it or on their way to it.
package struct SchedulingNode: Sendable {
  package let name: String
  package private(set) var labels: [String: String] = [:]
  package private(set) var taints: [Taint] = []
  package private(set) var isUnschedulable = false
  package private(set) var allocatable = ResourceAmounts()
  /// Whether the Node object is there; pods can be known before their node is.
  package private(set) var exists = false
  package private(set) var pods: [String: SchedulingPod] = [:]
  package private(set) var requested = ResourceAmounts()

  init(name: String) { self.name = name }

  /// A node without pods.
  package init(_ node: JSON) {
    name = node.name
    update(node)
  }

  /// Takes in the Node object; whether anything changed that matters to scheduling.
  @discardableResult
  package mutating func update(_ node: JSON) -> Bool {
    let before = (labels, taints, isUnschedulable, allocatable, exists)
    labels = node.labels
    taints = (node.spec["taints"]?.items ?? []).map(Taint.init)
    isUnschedulable = node.spec["unschedulable"]?.bool ?? false
    allocatable = ResourceAmounts(node.status["allocatable"] ?? node.status["capacity"])
    exists = true
    return before != (labels, taints, isUnschedulable, allocatable, exists)
  }

  mutating func nodeGone() { exists = false }

  package mutating func add(_ pod: SchedulingPod) {
    remove(pod.uid)
    pods[pod.uid] = pod
    requested = requested + pod.requests
  }

  package mutating func remove(_ uid: String) {
    guard let pod = pods.removeValue(forKey: uid) else { return }
    requested = requested - pod.requests
  }
}
