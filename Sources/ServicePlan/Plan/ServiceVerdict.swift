package import NetworkTypes

/// What becomes of traffic to an address, with the reason.
package enum ServiceVerdict: Hashable, Sendable, CustomStringConvertible {
  /// No Service has the address and port.
  case noService
  /// A Service has it and no endpoint can take the traffic: refused at once.
  case refused(ServicePortName)
  /// One of these takes it, each with the same chance; with affinity, the one the client was with before.
  case balanced(ServicePortName, [SocketEndpoint], affinitySeconds: Int)

  package var description: String {
    switch self {
    case .noService: "no Service has this address and port"
    case .refused(let name): "\(name) has no endpoint that can take traffic: refused"
    case .balanced(let name, let endpoints, let seconds):
      "\(name) leads to one of \(endpoints.map(\.description).joined(separator: ", "))"
        + (seconds > 0 ? ", and keeps a client there for \(seconds) s" : "")
    }
  }
}

extension ServicePlan {
  package func verdict(for address: ServiceAddress) -> ServiceVerdict {
    guard let (name, backend) = backend(at: address) else { return .noService }
    if backend.endpoints.isEmpty { return .refused(name) }
    return .balanced(name, backend.endpoints, affinitySeconds: backend.affinitySeconds)
  }

  /// Which flows to `address` may go on.
  package func flowPolicy(for address: ServiceAddress) -> FlowPolicy {
    guard let (_, backend) = backend(at: address) else {
      return .answeredBy([SocketEndpoint(address.address, address.port)])
    }
    return .answeredBy(backend.draining.union(backend.endpoints))
  }
}

/// Which tracked flows to an address may go on, by who answers them. Where no Service has the address, that is only
/// the address itself: such a flow never was translated and is none of ours.
package enum FlowPolicy: Hashable, Sendable {
  case answeredBy(Set<SocketEndpoint>)

  package func allows(answerSource: SocketEndpoint) -> Bool {
    switch self {
    case .answeredBy(let sources): sources.contains(answerSource)
    }
  }
}
