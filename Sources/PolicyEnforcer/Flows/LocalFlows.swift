internal import ClusterModel
internal import Conntrack
internal import HashTreeCollections
internal import KubernetesAPI
internal import NetworkTypes
internal import PolicyPlan

/// Judges tracked flows of this node's pods, each end by its own policies where the pod is here.
struct LocalFlows: Sendable {
  private let judge: PolicyJudge
  private let nodeAddresses: Set<IPAddress>

  /// - Parameter nodeAddresses: all that the node's own processes may send from.
  init(_ judge: PolicyJudge, nodeAddresses: Set<IPAddress>) {
    self.judge = judge
    self.nodeAddresses = nodeAddresses
  }

  /// Whether a flow of the family can be forbidden: nothing is without policies, or without a pod here.
  func canForbid(_ family: IPAddress.Family) -> Bool {
    !judge.index.isEmpty && judge.snapshot.attachments.keys.contains { $0.family == family && isLocal($0) }
  }

  /// Whether policies of a pod here forbid the flow, after translation.
  func forbids(_ flow: ConntrackFlow) -> Bool {
    guard let judged = translated(flow) else { return false }
    return isDenied(judged, .egress) || isDenied(judged, .ingress)
  }

  /// What policies of pods here forbid of the flow, after translation.
  func denials(of flow: ConntrackFlow) -> [PolicyDenial] {
    guard let judged = translated(flow) else { return [] }
    return PolicyDirection.allCases.compactMap { direction in
      guard case .denied(let pod, let policies)? = verdict(judged, direction) else { return nil }
      return PolicyDenial(direction, of: pod, by: policies, judged)
    }
  }

  /// `nil` where no end of it is a pod here, or there is no policy.
  private func translated(_ flow: ConntrackFlow) -> PolicyFlow? {
    let (source, destination) = (flow.source.address, flow.answerSource.address)
    guard !judge.index.isEmpty, isLocal(source) || isLocal(destination) else { return nil }
    return PolicyFlow(
      from: judge.party(source), to: judge.party(destination), flow.transport, flow.answerSource.port)
  }

  private func isDenied(_ flow: PolicyFlow, _ direction: PolicyDirection) -> Bool {
    verdict(flow, direction).map { !$0.isAllowed } ?? false
  }

  /// `nil` where this node does not decide.
  private func verdict(_ flow: PolicyFlow, _ direction: PolicyDirection) -> PolicyVerdict? {
    switch direction {
    case .egress: isLocal(flow.source.address) ? judge.egress(flow) : nil
    case .ingress:
      isLocal(flow.destination.address) && !isOwnNode(flow.source.address) ? judge.ingress(flow) : nil
    }
  }

  private func isLocal(_ address: IPAddress) -> Bool { judge.snapshot.attachedPod(at: address) != nil }

  /// Flows of the node's own processes never met a rule. What came from elsewhere and was given the node's address has its
  /// true source in the tuple.
  private func isOwnNode(_ address: IPAddress) -> Bool { address.isLoopback || nodeAddresses.contains(address) }
}
