package import JSONTree
package import KubernetesAPI

/// What scheduling needs to know of a pod, read from it once.
package struct SchedulingPod: Sendable {
  package let name: ObjectName
  package let uid: String
  package let labels: [String: String]
  package let isTerminating: Bool
  /// Empty until it is bound.
  package let nodeName: String
  package let priority: Int64
  package let requests: ResourceAmounts
  package let hostPorts: [HostPort]
  /// The UID of its controller: pods of one set are spread.
  package let controller: String?
  package let nodeSelection: NodeSelection
  package let tolerations: [Toleration]
  package let affinity: [PodAffinityTerm]
  package let antiAffinity: [PodAffinityTerm]
  package let preferredAffinity: [WeightedPodAffinityTerm]
  package let spread: [SpreadConstraint]

  package init(_ pod: JSON) {
    let spec = pod.spec
    name = pod.objectName
    uid = pod.uid
    labels = pod.labels
    isTerminating = pod.isTerminating
    nodeName = pod.nodeName
    priority = spec["priority"]?.int ?? 0
    requests = ResourceAmounts.requests(of: EffectiveResources.pod(pod).spec)
    hostPorts = HostPort.all(of: spec)
    controller = pod.controllerReference?["uid"]?.string
    nodeSelection = NodeSelection(podSpec: spec)
    tolerations = (spec["tolerations"]?.items ?? []).map(Toleration.init)
    let podAffinity = spec["affinity"]?["podAffinity"]
    let podAntiAffinity = spec["affinity"]?["podAntiAffinity"]
    let terms = { (affinity: JSON?) in
      (affinity?["requiredDuringSchedulingIgnoredDuringExecution"]?.items ?? [])
        .map { PodAffinityTerm($0, of: pod) }
    }
    let weighted = { (affinity: JSON?, sign: Int64) in
      (affinity?["preferredDuringSchedulingIgnoredDuringExecution"]?.items ?? []).map { term in
        WeightedPodAffinityTerm(
          weight: sign * (term["weight"]?.int ?? 1), term: PodAffinityTerm(term["podAffinityTerm"] ?? [:], of: pod))
      }
    }
    affinity = terms(podAffinity)
    antiAffinity = terms(podAntiAffinity)
    preferredAffinity = weighted(podAffinity, 1) + weighted(podAntiAffinity, -1)
    spread = (spec["topologySpreadConstraints"]?.items ?? []).map { SpreadConstraint($0, of: pod) }
  }
}

/// Pods that a pod must, or must not, share a topology domain with.
package struct PodAffinityTerm: Sendable {
  let selector: LabelSelector
  let namespaces: Set<String>
  let allNamespaces: Bool
  let topologyKey: String

  /// Namespaces chosen by label are not looked up: an empty namespace selector means all, any other only the pod's own.
  init(_ term: JSON, of pod: JSON) {
    selector =
      (try? LabelSelector(object: term["labelSelector"]))?
      .adding(term["matchLabelKeys"], from: pod.labels) ?? .nothing
    let named = (term["namespaces"]?.items ?? []).compactMap(\.string)
    namespaces = named.isEmpty ? [pod.namespace] : Set(named)
    allNamespaces = term["namespaceSelector"]?.object?.isEmpty ?? false
    topologyKey = term["topologyKey"]?.string ?? ""
  }

  func selects(_ pod: SchedulingPod) -> Bool {
    (allNamespaces || namespaces.contains(pod.name.namespace)) && selector.matches(pod.labels)
  }
}

package struct WeightedPodAffinityTerm: Sendable {
  let weight: Int64
  let term: PodAffinityTerm
}

/// How evenly a pod and its like must lie over a topology.
package struct SpreadConstraint: Sendable {
  let selector: LabelSelector
  let topologyKey: String
  let maxSkew: Int64
  let minDomains: Int64
  /// `DoNotSchedule`; otherwise a wish.
  let isRequired: Bool
  let ignoresNodeAffinity: Bool
  let honoursTaints: Bool

  init(_ constraint: JSON, of pod: JSON) {
    selector =
      (try? LabelSelector(object: constraint["labelSelector"]))?
      .adding(constraint["matchLabelKeys"], from: pod.labels) ?? .nothing
    topologyKey = constraint["topologyKey"]?.string ?? ""
    maxSkew = constraint["maxSkew"]?.int ?? 1
    minDomains = constraint["minDomains"]?.int ?? 1
    isRequired = constraint["whenUnsatisfiable"]?.string != "ScheduleAnyway"
    ignoresNodeAffinity = constraint["nodeAffinityPolicy"]?.string == "Ignore"
    honoursTaints = constraint["nodeTaintsPolicy"]?.string == "Honor"
  }
}

extension LabelSelector {
  /// With the pod's own values of these labels required too.
  func adding(_ keys: JSON?, from labels: [String: String]) -> LabelSelector {
    let own = (keys?.items ?? []).compactMap(\.string).compactMap { key in labels[key].map { (key, $0) } }
    guard !own.isEmpty else { return self }
    let more = LabelSelector(labels: Dictionary(uniqueKeysWithValues: own))
    return LabelSelector(requirements: requirements + more.requirements, matchesNothing: matchesNothing)
  }
}
