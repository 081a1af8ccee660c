package import ClusterModel
internal import HashTreeCollections
package import KubernetesAPI

/// Policies by the namespace whose pods they select.
package struct PolicyIndex: Sendable {
  private var byNamespace: TreeDictionary<String, TreeDictionary<ObjectName, NetworkPolicyModel>> = [:]

  package init() {}

  package init(_ snapshot: ClusterSnapshot) {
    for policy in snapshot.policies.values { put(policy) }
  }

  package mutating func put(_ policy: NetworkPolicyModel) {
    byNamespace[policy.name.namespace, default: [:]][policy.name] = policy
  }

  package mutating func remove(_ name: ObjectName) {
    byNamespace[name.namespace]?[name] = nil
    if byNamespace[name.namespace]?.isEmpty == true { byNamespace[name.namespace] = nil }
  }

  package var isEmpty: Bool { byNamespace.isEmpty }

  /// The policies that isolate the pod in this direction, by name.
  package func policies(isolating pod: PodModel, _ direction: PolicyDirection) -> [NetworkPolicyModel] {
    guard let candidates = byNamespace[pod.name.namespace] else { return [] }
    return candidates.values
      .filter {
        $0.rules(direction) != nil && $0.subjects.matches { pod.labels[$0] }
      }
      .sorted { $0.name < $1.name }
  }
}

extension NetworkPolicyModel {
  package func rules(_ direction: PolicyDirection) -> [Rule]? { direction == .ingress ? ingress : egress }
}
