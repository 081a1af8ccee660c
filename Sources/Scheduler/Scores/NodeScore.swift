import KubernetesAPI

/// How good a node is for a pod, each aspect from 0 to 100, weighted as upstream's defaults are.
enum NodeScore {
  static func scores(of feasible: [SchedulingNode], for pod: SchedulingPod, among all: [SchedulingNode]) -> [Int64] {
    var totals = feasible.map { leastAllocated(pod, $0) }
    add(normalised(feasible.map { tolerableDislikes(pod, $0) }, reversed: true), weight: 3, to: &totals)
    add(normalised(feasible.map { affinityWeight(pod, $0) }), weight: 2, to: &totals)
    add(normalised(feasible.map { siblings(of: pod, on: $0) }, reversed: true), weight: 2, to: &totals)
    add(normalised(podAffinity(pod, feasible, all)), weight: 2, to: &totals)
    add(normalised(spreadSkew(pod, feasible, all), reversed: true), weight: 2, to: &totals)
    return totals
  }

  private static func add(_ scores: [Int64], weight: Int64, to totals: inout [Int64]) {
    for index in totals.indices { totals[index] += weight * scores[index] }
  }

  /// Stretches the values over 0...100; all equal means no preference.
  private static func normalised(_ values: [Int64], reversed: Bool = false) -> [Int64] {
    guard let least = values.min(), let most = values.max(), most > least else { return values.map { _ in 0 } }
    return values.map { value in
      let share = (value - least) * 100 / (most - least)
      return reversed ? 100 - share : share
    }
  }

  /// The mean of the shares of CPU and memory that stay free. A pod that asks for nothing counts as upstream has it:
  /// 100 millicores and 200 MB.
  private static func leastAllocated(_ pod: SchedulingPod, _ node: SchedulingNode) -> Int64 {
    let share = { (capacity: Int64, used: Int64) in capacity <= 0 ? 0 : max(0, (capacity - used) * 100 / capacity) }
    var cpu: Int64 = pod.requests.cpu == 0 ? 100 : pod.requests.cpu
    var memory: Int64 = pod.requests.memory == 0 ? 200 << 20 : pod.requests.memory
    for other in node.pods.values {
      cpu += other.requests.cpu == 0 ? 100 : other.requests.cpu
      memory += other.requests.memory == 0 ? 200 << 20 : other.requests.memory
    }
    return (share(node.allocatable.cpu, cpu) + share(node.allocatable.memory, memory)) / 2
  }

  private static func tolerableDislikes(_ pod: SchedulingPod, _ node: SchedulingNode) -> Int64 {
    Int64(
      node.taints.count { taint in
        taint.effect == "PreferNoSchedule" && !pod.tolerations.contains { $0.tolerates(taint) }
      })
  }

  private static func affinityWeight(_ pod: SchedulingPod, _ node: SchedulingNode) -> Int64 {
    pod.nodeSelection.preferred.reduce(0) {
      $0 + ($1.term.matches(node: node.name, labels: node.labels) ? $1.weight : 0)
    }
  }

  /// Pods of the same controller that are there.
  private static func siblings(of pod: SchedulingPod, on node: SchedulingNode) -> Int64 {
    guard let controller = pod.controller else { return 0 }
    return Int64(node.pods.values.count { $0.controller == controller && !$0.isTerminating })
  }

  private static func podAffinity(
    _ pod: SchedulingPod, _ feasible: [SchedulingNode], _ all: [SchedulingNode]
  ) -> [Int64] {
    var scores = [Int64](repeating: 0, count: feasible.count)
    for preference in pod.preferredAffinity {
      var perDomain: [String: Int64] = [:]
      for node in all {
        guard let domain = node.labels[preference.term.topologyKey] else { continue }
        perDomain[domain, default: 0] += Int64(node.pods.values.count { preference.term.selects($0) })
      }
      for (index, node) in feasible.enumerated() {
        guard let domain = node.labels[preference.term.topologyKey] else { continue }
        scores[index] += preference.weight * (perDomain[domain] ?? 0)
      }
    }
    return scores
  }

  private static func spreadSkew(
    _ pod: SchedulingPod, _ feasible: [SchedulingNode], _ all: [SchedulingNode]
  ) -> [Int64] {
    var scores = [Int64](repeating: 0, count: feasible.count)
    for constraint in pod.spread where !constraint.isRequired {
      let counts = TopologyFilter.counts(constraint, pod: pod, nodes: all)
      let most = counts.values.max() ?? 0
      for (index, node) in feasible.enumerated() {
        scores[index] += node.labels[constraint.topologyKey].map { counts[$0] ?? 0 } ?? most + 1
      }
    }
    return scores
  }
}
