package import HashTreeCollections
package import KubernetesAPI
package import NetworkTypes

/// The cluster at one moment. A value: readers keep it as long as they like, and a later one shares all that is equal.
package struct ClusterSnapshot: Sendable {
  package internal(set) var services: TreeDictionary<ObjectName, ServiceModel> = [:]
  /// The slices of each Service, by the slice's name. A Service without slices has no entry.
  package internal(set) var slices: TreeDictionary<ObjectName, TreeDictionary<String, EndpointSliceModel>> = [:]
  package internal(set) var pods: TreeDictionary<ObjectName, PodModel> = [:]
  package internal(set) var nodes: TreeDictionary<String, NodeModel> = [:]
  package internal(set) var namespaces: TreeDictionary<String, NamespaceModel> = [:]
  /// The policies that are enforced, and those that are tried out.
  package internal(set) var policies: TreeDictionary<ObjectName, NetworkPolicyModel> = [:]
  package internal(set) var auditedPolicies: TreeDictionary<ObjectName, NetworkPolicyModel> = [:]
  /// By the name of the ServiceCIDR that says so.
  package internal(set) var serviceRanges: TreeDictionary<String, [CIDR]> = [:]
  /// Addresses attached to this node's pod network, each with its pod's UID: the node knows them before the API does.
  package internal(set) var attachments: TreeDictionary<IPAddress, String> = [:]
  /// The resource version of the latest change of a slice that took an endpoint out of use, or may have: whoever has this
  /// snapshot in force sends nothing more to any endpoint that was withdrawn up to then.
  package internal(set) var withdrawal: UInt64 = 0
  /// The Service a slice was last seen under: a slice's label may change.
  var serviceOfSlice: TreeDictionary<ObjectName, ObjectName> = [:]
  /// Who has which address, of all these.
  var addresses = AddressIndex()

  package init() {}

  /// The endpoint slices of a Service, ordered by name so that planners see them the same way each time.
  package func endpointSlices(of service: ObjectName) -> [EndpointSliceModel] {
    (slices[service].map { Array($0.values) } ?? []).sorted { $0.name < $1.name }
  }

  /// The cluster as it would be if the policies that are tried out were enforced.
  package var enforcingAudited: ClusterSnapshot {
    var snapshot = self
    snapshot.policies.merge(auditedPolicies) { $1 }
    snapshot.auditedPolicies = [:]
    return snapshot
  }

  /// The blocks Services have their addresses from, in order: those the cluster began with and those that came since.
  package func serviceBlocks(startingWith blocks: [CIDR]) -> [CIDR] {
    Set(blocks + serviceRanges.values.joined()).sorted()
  }
}
