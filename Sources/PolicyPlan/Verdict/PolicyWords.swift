internal import ClusterModel
internal import HashTreeCollections
internal import KubernetesAPI
internal import NetworkTypes

/// A verdict in words, with the object and the field behind it.
package struct PolicyStatement: Hashable, Sendable {
  package let isAllowed: Bool
  package let text: String
  /// `KIND NAMESPACE/NAME`, where an object decides.
  package let object: String?
  /// The field of it, where one decides.
  package let field: String?

  init(_ isAllowed: Bool, _ text: String, object: String? = nil, field: String? = nil) {
    self.isAllowed = isAllowed
    self.text = text
    self.object = object
    self.field = field
  }
}

/// Puts verdicts of policies into words; it invents none.
package struct PolicyWords {
  let judge: PolicyJudge
  let flow: PolicyFlow

  package init(_ judge: PolicyJudge, _ flow: PolicyFlow) {
    self.judge = judge
    self.flow = flow
  }

  package func statement(_ direction: PolicyDirection, _ verdict: PolicyVerdict) -> PolicyStatement {
    switch verdict {
    case .noSubject:
      return PolicyStatement(true, "no policy can select this end: it is no pod with an address of its own")
    case .itself: return PolicyStatement(true, "the pod speaks with itself")
    case .ownNode(let node):
      return PolicyStatement(true, "what node \(node) sends to its own pods is exempt", object: "Node \(node)")
    case .notIsolated(let pod):
      return PolicyStatement(true, "no policy isolates \(pod) for \(direction.rawValue)", object: "Pod \(pod)")
    case .allowed(let rule):
      return PolicyStatement(
        true, "\(rule.policy) allows it", object: "NetworkPolicy \(rule.policy)", field: rule.field)
    case .denied(let pod, let policies):
      return Self.denial(of: pod, by: policies, direction, lacking: "rule allows \(missing(direction))")
    }
  }

  /// - Parameter lacking: the allowance that there is none of, after "no".
  static func denial(
    of pod: ObjectName, by policies: [ObjectName], _ direction: PolicyDirection, lacking: String
  ) -> PolicyStatement {
    let names = policies.map(\.description).joined(separator: ", ")
    return PolicyStatement(
      false, "\(names) isolate\(policies.count == 1 ? "s" : "") \(pod) and no \(lacking)",
      object: policies.first.map { "NetworkPolicy \($0)" }, field: "spec.\(direction.rawValue)")
  }

  /// Says which policies would deny what is allowed now if they were enforced; `nil` where none would.
  package func auditedDenial(_ direction: PolicyDirection, _ verdict: PolicyVerdict) -> String? {
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
    let names = policies.filter { audited[$0] != nil }.map(\.description).joined(separator: ", ")
    return "tried out only, \(names) would deny it"
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
