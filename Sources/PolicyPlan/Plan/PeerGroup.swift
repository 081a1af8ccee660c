internal import ClusterModel
internal import KubernetesAPI
internal import NetworkTypes

/// What rules look up by number: who is in it follows the cluster, or is fixed by its name.
enum GroupKey: Hashable, Sendable {
  case pods(NetworkPolicyModel.PodSelector)
  case sockets(NetworkPolicyModel.Peer?, PodModel.PortName)
  case blocks(AddressRanges)
  case ports(PortRanges)

  /// Whether pods come and go in it.
  var followsPods: Bool {
    switch self {
    case .pods, .sockets: true
    case .blocks, .ports: false
    }
  }

  /// The only namespace whose pods can be in it; `nil` where any can.
  var namespace: String? {
    switch self {
    case .pods(let selector), .sockets(.pods(let selector)?, _):
      if case .named(let name) = selector.namespaces { name } else { nil }
    default: nil
    }
  }
}

/// A group in use, with what each pod has in it.
struct PeerGroup: Sendable {
  enum Member: Hashable, Sendable {
    case address(IPAddress)
    case socket(SocketEndpoint, TransportProtocol)
  }

  let id: UInt32
  var users = 0
  var members: [ObjectName: [Member]] = [:]

  init(id: UInt32) { self.id = id }
}

extension GroupKey {
  /// What a pod has in the group.
  /// - Parameter addresses: the pod's, of the family that is planned.
  func members(_ pod: PodModel, _ addresses: [IPAddress], _ snapshot: ClusterSnapshot) -> [PeerGroup.Member] {
    guard !pod.usesHostNetwork, !pod.hasFinished else { return [] }
    switch self {
    case .pods(let selector): return selector.matches(pod, snapshot) ? addresses.map { .address($0) } : []
    case .sockets(let peer, let name):
      guard let port = pod.namedPorts[name] else { return [] }
      return addresses.filter { peer?.matches(FlowParty($0, pod: pod), snapshot) ?? true }
        .map { .socket(SocketEndpoint($0, port), name.transport) }
    case .blocks, .ports: return []
    }
  }
}
