package import NetworkTypes

/// What becomes of traffic to an address, with the reason.
package enum ServiceVerdict: Hashable, Sendable, CustomStringConvertible {
  /// No Service has the address and port.
  case noService
  /// A Service has it and no endpoint can take the traffic: refused at once.
  case refused(ServicePortName)
  /// A Service has it, keeps it on this node by its policy, and has no endpoint here.
  case dropped(ServicePortName)
  /// The client is in none of the ranges that may use the load balancer's address.
  case outOfRange(ServicePortName)
  /// One of these takes it, each with the same chance; with affinity, the one the client was with before.
  case balanced(ServicePortName, [SocketEndpoint], affinitySeconds: Int)

  package var description: String {
    switch self {
    case .noService: "no Service has this address and port"
    case .refused(let name): "\(name) has no endpoint that can take traffic: refused"
    case .dropped(let name): "\(name) keeps traffic to this node's endpoints and has none here: dropped"
    case .outOfRange(let name): "\(name) is not for this client by its loadBalancerSourceRanges: dropped"
    case .balanced(let name, let endpoints, let seconds):
      "\(name) leads to one of \(endpoints.map(\.description).joined(separator: ", "))"
        + (seconds > 0 ? ", and keeps a client there for \(seconds) s" : "")
    }
  }
}

extension ServicePlan {
  /// - Parameter client: who sends; `nil` stands for a pod of this node that any source range admits.
  package func verdict(for address: ServiceAddress, from client: IPAddress? = nil) -> ServiceVerdict {
    guard let state = owner(of: address) else { return .noService }
    let name = state.port.name
    let entries = state.entries(at: address)
    if let client, entries.rangeGroup != nil, let blocks = ranges[name.service]?.blocks,
      !blocks.contains(where: { $0.contains(client) })
    {
      return .outOfRange(name)
    }
    let isInside = client.map { client in insideBlocks.contains { $0.contains(client) } } ?? true
    guard let entry = (isInside ? entries.inside : nil) ?? entries.everybody else { return .noService }
    if entry.backendClass.isDropping { return .dropped(name) }
    guard let backend = state.backends.values.first(where: { $0.id == entry.id }), !backend.endpoints.isEmpty else {
      return .refused(name)
    }
    return .balanced(name, backend.endpoints, affinitySeconds: state.port.affinitySeconds)
  }

  /// Where this node's pods and the node itself send from.
  private var insideBlocks: [CIDR] {
    (node?.podBlocks ?? []) + (node?.addresses ?? []).map { CIDR(host: $0) }
  }

  /// Which flows to `address` may go on.
  package func flowPolicy(for address: ServiceAddress) -> FlowPolicy {
    guard let state = owner(of: address), let reach = state.port.addresses[address] else {
      return .answeredBy([SocketEndpoint(address.address, address.port)])
    }
    switch reach {
    case .inside(let scope),
      .outside(let scope) where scope == .cluster:
      return .answeredBy(state.answerers(scope))
    case .outside:
      // A node that holds the address itself may send from it.
      return .byClient(
        inside: state.answerers(.cluster), outside: state.answerers(.local),
        insideBlocks: insideBlocks + [CIDR(host: address.address)])
    }
  }

  /// The policies of all UDP addresses.
  package var flowPolicies: [ServiceAddress: FlowPolicy] {
    Dictionary(
      uniqueKeysWithValues: claims.keys.filter { $0.transport == .udp }.map { ($0, flowPolicy(for: $0)) })
  }
}

/// Which tracked flows to an address may go on, by who answers them. Where no Service has the address, that is only
/// the address itself: such a flow never was translated and is none of ours.
package enum FlowPolicy: Hashable, Sendable {
  case answeredBy(Set<SocketEndpoint>)
  /// Clients from the blocks reach other endpoints than the rest of the world.
  case byClient(inside: Set<SocketEndpoint>, outside: Set<SocketEndpoint>, insideBlocks: [CIDR])

  package func allows(client: IPAddress, answerSource: SocketEndpoint) -> Bool {
    switch self {
    case .answeredBy(let sources): sources.contains(answerSource)
    case .byClient(let inside, let outside, let blocks):
      (blocks.contains { $0.contains(client) } ? inside : outside).contains(answerSource)
    }
  }
}
