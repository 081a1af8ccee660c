internal import ClusterModel
internal import HashTreeCollections
internal import KubernetesAPI
internal import NetworkTypes
internal import PolicyPlan

/// Who sends, with all addresses it may send from.
struct Sender: Sendable {
  /// `nil` for what policies know by its address only.
  let pod: PodModel?
  private let addresses: [IPAddress]
  /// The node whose own processes send: its own pods take what they send.
  let node: String?
  /// A pod's, for names that are searched for.
  let namespace: String?

  init(_ source: ExplainSource, _ place: DepartureNode) throws(ExplainError) {
    let snapshot = place.snapshot
    switch source {
    case .address(let address):
      if let pod = place.judge.party(address).pod {
        throw ExplainError("\(address) belongs to a pod: write pod/\(pod.name.name).\(pod.name.namespace)")
      }
      if let node = place.node(at: address) { throw ExplainError("\(address) is a node's: write node/\(node)") }
      (pod, addresses, node, namespace) = (nil, [address], nil, nil)
    case .node(let name):
      guard let model = snapshot.nodes[name] else { throw ExplainError("there is no node \(name)") }
      (pod, addresses, node, namespace) = (nil, model.addresses, name, nil)
    case .pod(let name):
      guard let model = snapshot.pods[name] else { throw ExplainError("there is no pod \(name)") }
      guard !model.hasFinished else { throw ExplainError("pod \(name) has finished: nothing in it sends") }
      guard !model.addresses.isEmpty else {
        throw ExplainError("pod \(name) has no address yet: see `kubectl describe pod`")
      }
      addresses = model.addresses
      pod = model.usesHostNetwork ? nil : model
      node = model.usesHostNetwork ? model.nodeName : nil
      namespace = name.namespace
    }
  }

  /// In the order of its addresses.
  var families: [IPAddress.Family] {
    addresses.map(\.family).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  func address(_ family: IPAddress.Family) -> IPAddress? { addresses.first { $0.family == family } }

  func party(_ family: IPAddress.Family) -> FlowParty? { address(family).map { FlowParty($0, pod: pod) } }
}
