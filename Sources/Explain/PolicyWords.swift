internal import ClusterModel
internal import HashTreeCollections
internal import KubernetesAPI
internal import NetworkTypes
internal import PolicyPlan

/// Puts verdicts of policies into words; it invents none.
struct PolicyWords {
  private let judge: PolicyJudge
  private let flow: PolicyFlow

  init(_ judge: PolicyJudge, _ flow: PolicyFlow) {
    self.judge = judge
    self.flow = flow
  }

  func step(_ direction: PolicyDirection, _ verdict: PolicyVerdict) -> ExplainStep {
    var step = step(saying: verdict, direction)
    if let audited = auditedDenial(direction, verdict) {
      let names = audited.map(\.description).joined(separator: ", ")
      step.text += "; tried out only, \(names) would deny it"
    }
    return step
  }

  /// The policies that would deny what is allowed now, were they enforced.
  private func auditedDenial(_ direction: PolicyDirection, _ verdict: PolicyVerdict) -> [ObjectName]? {
    switch verdict {
    case .notIsolated, .allowed: break
    case .noSubject, .itself, .ownNode, .denied: return nil
    }
    let audited = judge.snapshot.auditedPolicies
    guard !audited.isEmpty else { return nil }
    let whole = PolicyJudge(judge.snapshot.enforcingAudited, nameServerAddresses: judge.nameServer.addresses)
    guard case .denied(_, let policies) = direction == .ingress ? whole.ingress(flow) : whole.egress(flow) else {
      return nil
    }
    return policies.filter { audited[$0] != nil }
  }

  private func step(saying verdict: PolicyVerdict, _ direction: PolicyDirection) -> ExplainStep {
    let kind: ExplainStep.Kind = direction == .ingress ? .ingress : .egress
    switch verdict {
    case .noSubject:
      return ExplainStep(kind, .passes, "no policy can select this end: it is no pod with an address of its own")
    case .itself: return ExplainStep(kind, .passes, "the pod speaks with itself")
    case .ownNode(let node):
      return ExplainStep(kind, .passes, "what node \(node) sends to its own pods is exempt", object: "Node \(node)")
    case .notIsolated(let pod):
      return ExplainStep(kind, .passes, "no policy isolates \(pod) for \(direction.rawValue)", object: "Pod \(pod)")
    case .allowed(let rule):
      return ExplainStep(
        kind, .passes, "\(rule.policy) allows it", object: "NetworkPolicy \(rule.policy)", field: rule.field)
    case .denied(let pod, let policies):
      let names = policies.map(\.description).joined(separator: ", ")
      return ExplainStep(
        kind, .blocks,
        "\(names) isolate\(policies.count == 1 ? "s" : "") \(pod) and no rule allows \(missing(direction))",
        object: policies.first.map { "NetworkPolicy \($0)" }, field: "spec.\(direction.rawValue)")
    }
  }

  /// The allowance that there is none of, as one would write it.
  private func missing(_ direction: PolicyDirection) -> String {
    let peer = direction == .ingress ? flow.source : flow.destination
    let field = direction == .ingress ? "from" : "to"
    return "\(field): \(words(peer)) at port \(flow.port)/\(flow.transport.rawValue)"
  }

  private func words(_ party: FlowParty) -> String {
    guard let pod = party.pod else { return "{ipBlock: {cidr: \(CIDR(host: party.address))}}" }
    let labels = pod.labels.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    let namespace = "kubernetes.io/metadata.name: \(pod.name.namespace)"
    return
      "{namespaceSelector: {matchLabels: {\(namespace)}}, podSelector: \(labels.isEmpty ? "{}" : "{matchLabels: {\(labels)}}")}"
  }
}
