package import KubernetesAPI
package import NetworkTypes

/// Which objects differ between two snapshots. Planners recompute these and nothing else.
package struct ClusterChange: Sendable, Hashable {
  /// Services that changed themselves or whose endpoints did.
  package var services: Set<ObjectName> = []
  /// Those of them that changed themselves, and the slices that changed: for counts.
  package var serviceObjects: Set<ObjectName> = []
  package var endpointSlices: Set<ObjectName> = []
  package var pods: Set<ObjectName> = []
  package var nodes: Set<String> = []
  package var namespaces: Set<String> = []
  package var policies: Set<ObjectName> = []
  package var serviceRanges: Set<String> = []
  /// Addresses of this node's pods that came, went or changed hands.
  package var attachments: Set<IPAddress> = []

  package init() {}

  package var isEmpty: Bool {
    services.isEmpty && pods.isEmpty && nodes.isEmpty && namespaces.isEmpty && policies.isEmpty
      && serviceRanges.isEmpty && attachments.isEmpty
  }

  package mutating func merge(_ other: ClusterChange) {
    services.formUnion(other.services)
    serviceObjects.formUnion(other.serviceObjects)
    endpointSlices.formUnion(other.endpointSlices)
    pods.formUnion(other.pods)
    nodes.formUnion(other.nodes)
    namespaces.formUnion(other.namespaces)
    policies.formUnion(other.policies)
    serviceRanges.formUnion(other.serviceRanges)
    attachments.formUnion(other.attachments)
  }
}
