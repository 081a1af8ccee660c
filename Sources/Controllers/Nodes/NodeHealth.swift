import JSONTree
import KubernetesAPI

/// What a node's lease and conditions mean for the node.
struct NodeHealth {
  static let notReady = "node.kubernetes.io/not-ready"
  static let unreachable = "node.kubernetes.io/unreachable"
  private static let unschedulable = "node.kubernetes.io/unschedulable"
  private static let pressures = [
    "MemoryPressure": "node.kubernetes.io/memory-pressure", "DiskPressure": "node.kubernetes.io/disk-pressure",
    "PIDPressure": "node.kubernetes.io/pid-pressure",
    "NetworkUnavailable": "node.kubernetes.io/network-unavailable",
  ]

  /// Has not been heard of for longer than the grace period.
  let isSilent: Bool
  private let node: JSON
  private let lastHeard: Timestamp

  /// - Parameters:
  ///   - lastHeard: when the lease or the status was last seen to change, by this process's clock.
  init(node: JSON, lastHeard: Timestamp, grace: Duration, now: Timestamp) {
    self.node = node
    self.lastHeard = lastHeard
    isSilent = now - lastHeard > grace
  }

  /// The status of a node that fell silent: what its agent said last is not known to hold any longer. `nil` where
  /// nothing changes.
  func statusOfSilentNode(now: Timestamp) -> JSON? {
    guard isSilent else { return nil }
    var changed = node
    for type in ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"] {
      let current = node.condition(type)
      guard current?["status"]?.string != "Unknown" else { continue }
      let reason = current == nil ? "NodeStatusNeverUpdated" : "NodeStatusUnknown"
      let message = current == nil ? "Kubelet never posted node status." : "Kubelet stopped posting node status."
      changed.setCondition(type, isTrue: nil, reason: reason, message: message, at: now)
    }
    return changed == node ? nil : changed
  }

  /// The taints that follow from the conditions, others kept as they are. `nil` where nothing changes.
  func taints(now: Timestamp) -> JSON? {
    let current = node.spec["taints"]?.items ?? []
    var wanted: [(key: String, effect: String)] = []
    let ready = isSilent ? "Unknown" : node.condition("Ready")?["status"]?.string ?? "Unknown"
    if ready != "True" {
      let key = ready == "Unknown" ? Self.unreachable : Self.notReady
      wanted += [(key, "NoSchedule"), (key, "NoExecute")]
    }
    for (type, key) in Self.pressures where node.isConditionTrue(type) { wanted.append((key, "NoSchedule")) }
    if node.spec["unschedulable"]?.bool ?? false { wanted.append((Self.unschedulable, "NoSchedule")) }
    let ours = Set(Self.pressures.values).union([Self.notReady, Self.unreachable, Self.unschedulable])
    var result = current.filter { taint in
      guard let key = taint["key"]?.string, ours.contains(key) else { return true }
      return wanted.contains { $0.key == key && $0.effect == taint["effect"]?.string }
    }
    for (key, effect) in wanted.sorted(by: { $0 < $1 })
    where !result.contains(where: { $0["key"]?.string == key && $0["effect"]?.string == effect }) {
      var taint: JSON = ["key": .string(key), "effect": .string(effect)]
      if effect == "NoExecute" { taint["timeAdded"] = .string(now.description) }
      result.append(taint)
    }
    return result == current ? nil : .array(result)
  }
}

/// How long a pod may stay on a node with `NoExecute` taints.
enum TaintEviction {
  enum Verdict: Equatable {
    case stays
    /// At once where this is in the past.
    case leaves(at: Timestamp)
  }

  /// - Parameter since: when the pod was first seen beside taints that do not say since when they are there.
  static func verdict(pod: JSON, taints: [JSON], now: Timestamp, since: Timestamp? = nil) -> Verdict {
    let tolerations = pod.spec["tolerations"]?.items ?? []
    var earliest: Timestamp?
    for taint in taints where taint["effect"]?.string == "NoExecute" {
      // The first that fits counts, as upstream.
      guard let toleration = tolerations.first(where: { tolerates($0, taint) }) else { return .leaves(at: now) }
      guard let seconds = toleration["tolerationSeconds"]?.int else { continue }
      let begin = taint["timeAdded"]?.string.flatMap { Timestamp($0) } ?? since ?? now
      let end = begin + .seconds(max(0, seconds))
      earliest = min(earliest ?? end, end)
    }
    return earliest.map { .leaves(at: $0) } ?? .stays
  }

  private static func tolerates(_ toleration: JSON, _ taint: JSON) -> Bool {
    let key = toleration["key"]?.string ?? ""
    let effect = toleration["effect"]?.string ?? ""
    guard effect.isEmpty || effect == taint["effect"]?.string, key.isEmpty || key == taint["key"]?.string else {
      return false
    }
    if toleration["operator"]?.string == "Exists" { return true }
    return !key.isEmpty && (toleration["value"]?.string ?? "") == (taint["value"]?.string ?? "")
  }
}
