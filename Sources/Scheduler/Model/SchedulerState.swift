import APIClient
import JSONTree
import KubernetesAPI

/// Everything the scheduler knows, and what it decides: a state machine without I/O.
struct SchedulerState {
  struct Pending {
    let object: JSON
    let pod: SchedulingPod
    /// What was told about it last, so that it is told once.
    var lastMessage: String?
  }

  enum Decision: Sendable {
    case bind(JSON, node: String)
    /// `isNews` where the message differs from the one before.
    case refuse(JSON, message: String, isNews: Bool)
  }

  private let schedulerName: String
  private var nodes: [String: SchedulingNode] = [:]
  private var waiting: [String: Pending] = [:]
  /// To be tried; the others wait for something to change.
  private var active: Set<String> = []
  /// Decided, until the pod shows up bound: UID to node.
  private var assumed: [String: String] = [:]
  private var located: [String: String] = [:]

  init(schedulerName: String = "default-scheduler") { self.schedulerName = schedulerName }

  // MARK: Events

  mutating func takeNode(_ event: InformerEvent) {
    guard let object = event.object else { return }
    if case .deleted = event {
      nodes[object.name]?.nodeGone()
      if nodes[object.name]?.pods.isEmpty ?? false { nodes[object.name] = nil }
      return
    }
    if nodes[object.name, default: SchedulingNode(name: object.name)].update(object) { retryAll() }
  }

  mutating func takePod(_ event: InformerEvent) {
    guard let object = event.object else { return }
    var isGone = object.isPodFinished
    if case .deleted = event { isGone = true }
    if isGone {
      forget(object.uid)
    } else if !object.nodeName.isEmpty {
      waiting[object.uid] = nil
      active.remove(object.uid)
      assumed[object.uid] = nil
      place(SchedulingPod(object), on: object.nodeName)
    } else if assumed[object.uid] == nil {
      takeUnbound(object)
    }
  }

  private mutating func takeUnbound(_ object: JSON) {
    let isOurs = (object.spec["schedulerName"]?.string ?? schedulerName) == schedulerName
    let isGated = !(object.spec["schedulingGates"]?.items ?? []).isEmpty
    guard isOurs, !isGated, !object.isTerminating else {
      waiting[object.uid] = nil
      active.remove(object.uid)
      return
    }
    let known = waiting[object.uid]
    // Our own note in the status is no reason to try again.
    if known == nil || known?.object.spec != object.spec || known?.object.labels != object.labels {
      active.insert(object.uid)
    }
    waiting[object.uid] = Pending(object: object, pod: SchedulingPod(object), lastMessage: known?.lastMessage)
  }

  private mutating func forget(_ uid: String) {
    waiting[uid] = nil
    active.remove(uid)
    assumed[uid] = nil
    if let node = located.removeValue(forKey: uid) {
      nodes[node]?.remove(uid)
      retryAll()
    }
  }

  private mutating func place(_ pod: SchedulingPod, on node: String) {
    let isNew = located[pod.uid] == nil
    let before = nodes[node]?.pods[pod.uid]?.requests
    if let other = located[pod.uid], other != node { nodes[other]?.remove(pod.uid) }
    nodes[node, default: SchedulingNode(name: node)].add(pod)
    located[pod.uid] = node
    // One that was resized to less makes room. A newcomer takes room away, but may be the company that somebody waits for.
    if let before, !before.fits(in: pod.requests) { retryAll() }
    if isNew { for (uid, other) in waiting where !other.pod.affinity.isEmpty { active.insert(uid) } }
  }

  private mutating func retryAll() { active.formUnion(waiting.keys) }

  // MARK: Decisions

  /// Decides on every pod that is to be tried, the most important first, then the oldest.
  mutating func decide() -> [Decision] {
    guard !active.isEmpty else { return [] }
    let order = active.compactMap { waiting[$0] }.sorted { left, right in
      if left.pod.priority != right.pod.priority { return left.pod.priority > right.pod.priority }
      let ages = (left.object.creationTimestamp ?? "", right.object.creationTimestamp ?? "")
      return ages.0 != ages.1 ? ages.0 < ages.1 : left.pod.name < right.pod.name
    }
    active = []
    return order.map { decide($0) }
  }

  private mutating func decide(_ pending: Pending) -> Decision {
    let uid = pending.pod.uid
    switch Scheduling.place(pending.pod, on: nodes.values) {
    case .node(let node):
      waiting[uid] = nil
      assumed[uid] = node
      place(pending.pod, on: node)
      return .bind(pending.object, node: node)
    case .unschedulable(let message):
      waiting[uid]?.lastMessage = message
      return .refuse(pending.object, message: message, isNews: message != pending.lastMessage)
    }
  }

  /// A binding did not come about. The pod is tried again, unless it is known to be gone or bound.
  mutating func bindingFailed(_ object: JSON) {
    guard let node = assumed.removeValue(forKey: object.uid) else { return }
    nodes[node]?.remove(object.uid)
    located[object.uid] = nil
    takeUnbound(object)
    retryAll()
  }
}
