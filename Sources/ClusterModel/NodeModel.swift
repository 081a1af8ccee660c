package import JSONTree
import KubernetesAPI
package import NetworkTypes

/// What the network needs of a Node.
package struct NodeModel: Hashable, Sendable {
  package var name: String
  package var uid = ""
  /// `status.addresses` of type InternalIP.
  package var addresses: [IPAddress] = []
  package var podCIDRs: [CIDR] = []
  package var zone: String?
  package var isReady = false
  /// The node is being deleted, or somebody has announced that it will be: it is to get no new traffic from outside.
  package var isLeaving = false
  /// Labelled out of what load balancers lead to.
  package var isExcludedFromBalancing = false
  /// Whether load balancers may lead traffic here, as upstream's service controller chooses nodes.
  package var takesBalancedTraffic: Bool { !isLeaving && !isExcludedFromBalancing }

  package init(name: String) { self.name = name }
}

extension NodeModel {
  package init(object: JSON) {
    self.init(name: object.name)
    uid = object.uid
    addresses = (object.status["addresses"]?.items ?? []).compactMap { address in
      address["type"]?.string == "InternalIP" ? address["address"]?.string.flatMap { IPAddress($0) } : nil
    }
    let blocks = object.spec["podCIDRs"]?.items ?? object.spec["podCIDR"].map { [$0] } ?? []
    podCIDRs = blocks.compactMap { $0.string.flatMap { CIDR($0) } }
    zone = object.labels["topology.kubernetes.io/zone"]
    isReady = (object.status["conditions"]?.items ?? []).contains {
      $0["type"]?.string == "Ready" && $0["status"]?.string == "True"
    }
    isLeaving =
      object.isTerminating
      || (object.spec["taints"]?.items ?? []).contains {
        $0["key"]?.string == "ToBeDeletedByClusterAutoscaler"
      }
    isExcludedFromBalancing = object.labels["node.kubernetes.io/exclude-from-external-load-balancers"] != nil
  }
}
