internal import ClusterModel
internal import Conntrack
internal import HashTreeCollections
internal import KubernetesAPI
internal import NetworkTypes
internal import PolicyPlan

/// Says of flows that were let in what the policies that are tried out would have made of them.
struct AuditView {
  private let audited: Set<ObjectName>
  private let flows: [IPAddress.Family: LocalFlows]

  /// `nil` where no policy is tried out.
  init?(_ snapshot: ClusterSnapshot, _ configuration: PolicyEnforcer.Configuration, nodeAddresses: Set<IPAddress>) {
    guard !snapshot.auditedPolicies.isEmpty else { return nil }
    audited = Set(snapshot.auditedPolicies.keys)
    let judge = PolicyJudge(
      snapshot.enforcingAudited, nameServerAddresses: configuration.nameServerAddresses)
    flows = Dictionary(
      uniqueKeysWithValues: configuration.families.map {
        ($0, LocalFlows(judge, $0, nodeAddresses: nodeAddresses))
      })
  }

  /// With those of the policies only that are tried out: what the others forbid by themselves does not come here.
  func denials(of flow: ConntrackFlow) -> [PolicyDenial] {
    (flows[flow.source.address.family]?.denials(of: flow) ?? []).compactMap { $0.keeping(audited.contains) }
  }
}
