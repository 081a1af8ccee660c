package import ClusterModel
internal import HashTreeCollections
internal import KubernetesAPI
internal import NetworkTypes

extension NetworkPolicyModel.PodSelector {
  package func matches(_ pod: PodModel, _ snapshot: ClusterSnapshot) -> Bool {
    !pod.usesHostNetwork && !pod.hasFinished && matches(namespace: pod.name.namespace, snapshot)
      && pods.matches { pod.labels[$0] }
  }

  package func matches(namespace name: String, _ snapshot: ClusterSnapshot) -> Bool {
    switch namespaces {
    case .named(let own): return own == name
    case .labelled(let selector):
      // A namespace that is not known yet has no labels that anybody could mean.
      guard let labels = snapshot.namespaces[name]?.labels else { return false }
      return selector.matches { labels[$0] }
    }
  }
}

extension NetworkPolicyModel.Peer {
  package func matches(_ party: FlowParty, _ snapshot: ClusterSnapshot) -> Bool {
    switch self {
    case .pods(let selector): return party.pod.map { selector.matches($0, snapshot) } ?? false
    case .block(let block, let exceptions):
      return block.contains(party.address) && !exceptions.contains { $0.contains(party.address) }
    }
  }
}

extension NetworkPolicyModel.Rule {
  package func allows(_ peer: FlowParty, _ snapshot: ClusterSnapshot) -> Bool {
    peers?.contains { $0.matches(peer, snapshot) } ?? true
  }

  /// Whether the flow's port is one of the rule's; names are those of the destination's pod.
  package func allows(_ flow: PolicyFlow) -> Bool {
    ports?.contains { port in
      switch port {
      case .all(let transport): transport == flow.transport
      case .numbers(let transport, let numbers): transport == flow.transport && numbers.contains(flow.port)
      case .named(let transport, let name):
        transport == flow.transport
          && flow.destination.pod?.namedPorts[PodModel.PortName(transport, name)] == flow.port
      }
    } ?? true
  }
}
