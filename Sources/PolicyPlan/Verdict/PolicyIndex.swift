package import ClusterModel
internal import HashTreeCollections
package import KubernetesAPI

/// Policies by the namespace whose pods they select.
package struct PolicyIndex: Sendable {
  private var byNamespace: TreeDictionary<String, TreeDictionary<ObjectName, NetworkPolicyModel>> = [:]

  package init() {}

  package init(_ snapshot: ClusterSnapshot) {
    for (name, policy) in snapshot.policies { put(policy, at: name) }
  }

  /// - Parameter policy: `nil` where there is none of that name any more.
  package mutating func put(_ policy: NetworkPolicyModel?, at name: ObjectName) {
    byNamespace[name.namespace, default: [:]][name] = policy
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
