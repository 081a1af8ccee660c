internal import ClusterModel
internal import Conntrack
internal import HashTreeCollections
internal import KubernetesAPI
internal import NetworkTypes
internal import PolicyPlan

/// Says of flows that were let in what the policies that are tried out would have made of them. It is kept change by change,
/// and costs nothing that grows with the cluster.
struct AuditView: Sendable {
  private let configuration: PolicyEnforcer.Configuration
  /// The policies that are enforced and those that are tried out.
  private var index = PolicyIndex()
  private var judge: PolicyJudge

  init(_ configuration: PolicyEnforcer.Configuration) {
    self.configuration = configuration
    judge = PolicyJudge(
      ClusterSnapshot(), nameServerAddresses: configuration.nameServerAddresses, index: index)
  }

  var snapshot: ClusterSnapshot { judge.snapshot }

  mutating func apply(_ update: ClusterUpdate) {
    let snapshot = update.snapshot
    for name in update.change.policies {
      index.put(snapshot.policies[name] ?? snapshot.auditedPolicies[name], at: name)
    }
    judge = PolicyJudge(snapshot, nameServerAddresses: configuration.nameServerAddresses, index: index)
  }

  /// With those of the policies only that are tried out: what the others forbid by themselves does not come here.
  /// - Parameter nodeAddresses: all that the node's own processes may send from.
  func denials(of flow: ConntrackFlow, nodeAddresses: Set<IPAddress>) -> [PolicyDenial] {
    let audited = snapshot.auditedPolicies
    guard !audited.isEmpty, configuration.families.contains(flow.source.address.family) else { return [] }
    return LocalFlows(judge, nodeAddresses: nodeAddresses).denials(of: flow).compactMap {
      $0.keeping { audited[$0] != nil }
    }
  }
}
