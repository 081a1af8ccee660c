package import JSONTree

/// Amounts of node resources: CPU in millicores, everything else in whole units (bytes, devices).
package struct ResourceAmounts: Sendable, Hashable {
  package var cpu: Int64 = 0
  package var memory: Int64 = 0
  /// `ephemeral-storage`, `hugepages-…` and extended resources.
  package var others: [String: Int64] = [:]
  /// The number of pods a node takes; no pod requests it.
  package var pods: Int64 = 0

  package init() {}

  /// From a resource list such as `requests` or `allocatable`. What is no quantity counts as nothing: the server
  /// refuses it in pods and nodes alike.
  package init(_ list: JSON?) {
    for member in list?.object?.members ?? [] {
      guard let quantity = try? Quantity(json: member.value) else { continue }
      switch member.key {
      case "cpu": cpu = quantity.milliValue
      case "memory": memory = quantity.value
      case "pods": pods = quantity.value
      default: others[member.key] = quantity.value
      }
    }
  }

  package static func + (left: Self, right: Self) -> Self { left.merging(right) { $0 + $1 } }
  package static func - (left: Self, right: Self) -> Self { left.merging(right) { $0 - $1 } }
  package static func maximum(_ left: Self, _ right: Self) -> Self { left.merging(right) { max($0, $1) } }

  /// Whether it is nowhere more than `other`.
  package func fits(in other: Self) -> Bool {
    cpu <= other.cpu && memory <= other.memory && others.allSatisfy { $0.value <= other.others[$0.key] ?? 0 }
  }

  private func merging(_ other: Self, _ combine: (Int64, Int64) -> Int64) -> Self {
    var result = self
    result.cpu = combine(cpu, other.cpu)
    result.memory = combine(memory, other.memory)
    for key in Set(others.keys).union(other.others.keys) {
      result.others[key] = combine(others[key] ?? 0, other.others[key] ?? 0)
    }
    return result
  }

  /// What the kubelet sets aside for a pod: its containers and sidecars together, or the largest moment of its
  /// initialisation, with the pod's overhead; pod-level requests replace the sum.
  package static func requests(of podSpec: JSON) -> ResourceAmounts {
    var sidecars = ResourceAmounts()
    var peak = ResourceAmounts()
    for container in podSpec["initContainers"]?.items ?? [] {
      let own = ResourceAmounts(container["resources"]?["requests"])
      if container["restartPolicy"]?.string == "Always" {
        sidecars = sidecars + own
        peak = maximum(peak, sidecars)
      } else {
        peak = maximum(peak, sidecars + own)
      }
    }
    var total = sidecars
    for container in podSpec["containers"]?.items ?? [] {
      total = total + ResourceAmounts(container["resources"]?["requests"])
    }
    total = maximum(total, peak)
    if let podLevel = podSpec["resources"]?["requests"] {
      let level = ResourceAmounts(podLevel)
      if podLevel["cpu"] != nil { total.cpu = level.cpu }
      if podLevel["memory"] != nil { total.memory = level.memory }
    }
    return total + ResourceAmounts(podSpec["overhead"])
  }
}
