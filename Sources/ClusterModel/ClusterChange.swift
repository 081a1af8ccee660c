package import KubernetesAPI

/// Which objects differ between two snapshots. Planners recompute these and nothing else.
package struct ClusterChange: Sendable, Hashable {
  /// Services that changed themselves or whose endpoints did.
  package var services: Set<ObjectName> = []
  package var pods: Set<ObjectName> = []
  package var nodes: Set<String> = []
  package var namespaces: Set<String> = []

  package init() {}

  package var isEmpty: Bool { services.isEmpty && pods.isEmpty && nodes.isEmpty && namespaces.isEmpty }

  package mutating func merge(_ other: ClusterChange) {
    services.formUnion(other.services)
    pods.formUnion(other.pods)
    nodes.formUnion(other.nodes)
    namespaces.formUnion(other.namespaces)
  }
}
