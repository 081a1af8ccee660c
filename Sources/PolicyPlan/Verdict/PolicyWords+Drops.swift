package import ClusterModel
internal import KubernetesAPI

/// Words for packets that the rules in force dropped, whatever the objects say by now.
extension PolicyWords {
  /// The policies of one end dropped what opens the flow.
  package func drop(_ direction: PolicyDirection) -> PolicyStatement {
    guard (direction == .egress ? flow.source : flow.destination).pod != nil else { return Self.unknownPod }
    let verdict = direction == .egress ? judge.egress(flow) : judge.ingress(flow)
    return verdict.isAllowed ? Self.formerDenial : statement(direction, verdict)
  }

  /// A packet without ports, of which rules with ports say nothing, was dropped by the policies of this pod; `nil` for one
  /// that is not known.
  package static func portlessDrop(
    _ direction: PolicyDirection, of pod: PodModel?, _ judge: PolicyJudge
  ) -> PolicyStatement {
    guard let pod else { return unknownPod }
    let policies = judge.index.policies(isolating: pod, direction).map(\.name)
    if policies.isEmpty { return formerDenial }
    return denial(of: pod.name, by: policies, direction, lacking: "rule for all ports allows it")
  }

  private static var unknownPod: PolicyStatement {
    PolicyStatement(false, "a pod that the API has not told of yet is denied everything")
  }

  private static var formerDenial: PolicyStatement {
    PolicyStatement(false, "the rules in force then dropped it; policies as they are now let it pass")
  }
}
