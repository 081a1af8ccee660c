internal import ClusterModel
internal import Conntrack
internal import HashTreeCollections
internal import KubernetesAPI
internal import NetworkTypes
internal import PolicyPlan

/// Judges tracked flows of this node's pods, each end by its own policies where the pod is here.
struct LocalFlows {
  private let judge: PolicyJudge
  private var podOfAddress: [IPAddress: PodModel] = [:]
  private var isLocal: Set<IPAddress> = []
  private let nodeAddresses: Set<IPAddress>

  /// - Parameter nodeAddresses: all that the node's own processes may send from.
  init(_ judge: PolicyJudge, _ family: IPAddress.Family, nodeAddresses: Set<IPAddress>) {
    self.judge = judge
    self.nodeAddresses = nodeAddresses
    let snapshot = judge.snapshot
    // Nothing is forbidden without policies.
    guard !snapshot.policies.isEmpty else { return }
    var podOfUID: [String: PodModel] = [:]
    for pod in snapshot.pods.values where !pod.usesHostNetwork && !pod.hasFinished {
      for address in pod.addresses where address.family == family { podOfAddress[address] = pod }
      podOfUID[pod.uid] = pod
    }
    for (address, uid) in snapshot.attachments where address.family == family {
      guard let pod = podOfUID[uid] else { continue }
      podOfAddress[address] = pod
      isLocal.insert(address)
    }
    for address in judge.nameServer.addresses { podOfAddress[address] = judge.nameServer }
  }

  var isEmpty: Bool { isLocal.isEmpty }

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

  /// `nil` where no end of it is a pod here.
  private func translated(_ flow: ConntrackFlow) -> PolicyFlow? {
    let (source, destination) = (flow.source.address, flow.answerSource.address)
    guard isLocal.contains(source) || isLocal.contains(destination) else { return nil }
    return PolicyFlow(
      from: FlowParty(source, pod: podOfAddress[source]), to: FlowParty(destination, pod: podOfAddress[destination]),
      flow.transport, flow.answerSource.port)
  }

  private func isDenied(_ flow: PolicyFlow, _ direction: PolicyDirection) -> Bool {
    verdict(flow, direction).map { !$0.isAllowed } ?? false
  }

  /// `nil` where this node does not decide.
  private func verdict(_ flow: PolicyFlow, _ direction: PolicyDirection) -> PolicyVerdict? {
    switch direction {
    case .egress: isLocal.contains(flow.source.address) ? judge.egress(flow) : nil
    case .ingress:
      isLocal.contains(flow.destination.address) && !isOwnNode(flow.source.address) ? judge.ingress(flow) : nil
    }
  }

  /// Flows of the node's own processes never met a rule. What came from elsewhere and was given the node's address has its
  /// true source in the tuple.
  private func isOwnNode(_ address: IPAddress) -> Bool { address.isLoopback || nodeAddresses.contains(address) }
}
