import KubernetesAPI

/// The tests that look at the pods of all nodes: topology spread and inter-pod (anti-)affinity. What can be counted
/// once for all nodes is counted when it is made.
struct TopologyFilter {
  private typealias Domains = [String: Int64]

  private let pod: SchedulingPod
  private let constraints: [SpreadConstraint]
  /// Per constraint: matching pods per domain, of the nodes that count.
  private let spreadCounts: [Domains]
  /// Per affinity term: the domains that hold a pod it selects.
  private let affinityDomains: [Set<String>]
  private let antiAffinityDomains: [Set<String>]
  /// Topology key and domain pairs that pods already there keep this pod out of.
  private let closed: [String: Set<String>]

  init(pod: SchedulingPod, nodes: [SchedulingNode]) {
    self.pod = pod
    constraints = pod.spread.filter(\.isRequired)
    spreadCounts = constraints.map { Self.counts($0, pod: pod, nodes: nodes) }
    affinityDomains = pod.affinity.map { Self.domains($0, nodes) }
    antiAffinityDomains = pod.antiAffinity.map { Self.domains($0, nodes) }
    var closed: [String: Set<String>] = [:]
    for node in nodes {
      for other in node.pods.values {
        for term in other.antiAffinity where term.selects(pod) {
          if let domain = node.labels[term.topologyKey] { closed[term.topologyKey, default: []].insert(domain) }
        }
      }
    }
    self.closed = closed
  }

  static func counts(_ constraint: SpreadConstraint, pod: SchedulingPod, nodes: [SchedulingNode]) -> [String: Int64] {
    var counts: Domains = [:]
    for node in nodes {
      guard let domain = node.labels[constraint.topologyKey] else { continue }
      guard constraint.ignoresNodeAffinity || pod.nodeSelection.allows(node: node.name, labels: node.labels) else {
        continue
      }
      if constraint.honoursTaints,
        node.taints.contains(where: { taint in taint.isHard && !pod.tolerations.contains { $0.tolerates(taint) } })
      {
        continue
      }
      let matching = node.pods.values.count { other in
        other.name.namespace == pod.name.namespace && !other.isTerminating && constraint.selector.matches(other.labels)
      }
      counts[domain, default: 0] += Int64(matching)
    }
    return counts
  }

  private static func domains(_ term: PodAffinityTerm, _ nodes: [SchedulingNode]) -> Set<String> {
    var domains: Set<String> = []
    for node in nodes {
      guard let domain = node.labels[term.topologyKey], !domains.contains(domain) else { continue }
      if node.pods.values.contains(where: { !$0.isTerminating && term.selects($0) }) { domains.insert(domain) }
    }
    return domains
  }

  func reasons(on node: SchedulingNode) -> [String] {
    for (constraint, counts) in zip(constraints, spreadCounts) {
      guard let domain = node.labels[constraint.topologyKey] else {
        return ["node(s) didn't match pod topology spread constraints (missing required label)"]
      }
      let least = Int64(counts.count) < constraint.minDomains ? 0 : counts.values.min() ?? 0
      let own: Int64 = constraint.selector.matches(pod.labels) ? 1 : 0
      if (counts[domain] ?? 0) + own - least > constraint.maxSkew {
        return ["node(s) didn't match pod topology spread constraints"]
      }
    }
    if !satisfiesAffinity(node) { return ["node(s) didn't match pod affinity rules"] }
    for (term, domains) in zip(pod.antiAffinity, antiAffinityDomains) {
      if let domain = node.labels[term.topologyKey], domains.contains(domain) {
        return ["node(s) didn't match pod anti-affinity rules"]
      }
    }
    for (key, domains) in closed {
      if let domain = node.labels[key], domains.contains(domain) {
        return ["node(s) didn't satisfy existing pods anti-affinity rules"]
      }
    }
    return []
  }

  /// The first pod of a group that wants to be together has nobody to join: it may go anywhere with the topology.
  private func satisfiesAffinity(_ node: SchedulingNode) -> Bool {
    let isFirst = affinityDomains.allSatisfy(\.isEmpty) && pod.affinity.allSatisfy { $0.selects(pod) }
    return zip(pod.affinity, affinityDomains).allSatisfy { term, domains in
      guard let domain = node.labels[term.topologyKey] else { return false }
      return isFirst || domains.contains(domain)
    }
  }
}
