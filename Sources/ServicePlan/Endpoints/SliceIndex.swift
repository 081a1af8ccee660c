internal import ClusterModel
internal import NetworkTypes

/// The slices of one Service and one family, ordered so that each of the Service's ports finds its endpoints at once.
struct SliceIndex {
  private struct PortKey: Hashable {
    let name: String
    let transport: TransportProtocol
  }

  private struct Part {
    let ports: [PortKey: UInt16]
    let endpoints: [EndpointSliceModel.Endpoint]
  }

  private let parts: [Part]
  private let node: String
  private let zone: String?

  init(_ slices: [EndpointSliceModel], family: IPAddress.Family, node: String, zone: String?) {
    self.node = node
    self.zone = zone
    parts = slices.filter { $0.family == family }.map { slice in
      var ports: [PortKey: UInt16] = [:]
      for port in slice.ports {
        guard let number = port.port, number != 0 else { continue }
        // One slice may hold several ports of that name only where admission was bypassed; the first one counts.
        let key = PortKey(name: port.name, transport: port.transport)
        if ports[key] == nil { ports[key] = number }
      }
      return Part(ports: ports, endpoints: slice.endpoints.filter { $0.address.isReachable })
    }
  }

  func choice(for name: ServicePortName) -> EndpointChoice {
    let key = PortKey(name: name.port, transport: name.transport)
    var candidates: [SocketEndpoint: EndpointCandidate] = [:]
    for part in parts {
      guard let number = part.ports[key] else { continue }
      for endpoint in part.endpoints {
        let candidate = EndpointCandidate(
          target: SocketEndpoint(endpoint.address, number), isReady: endpoint.isReady, isServing: endpoint.isServing,
          isTerminating: endpoint.isTerminating, isLocal: endpoint.nodeName == node, zoneHints: endpoint.zoneHints,
          nodeHints: endpoint.nodeHints)
        candidates[candidate.target] = candidates[candidate.target].map { $0.merged(with: candidate) } ?? candidate
      }
    }
    return EndpointChoice(Array(candidates.values), node: node, zone: zone)
  }
}

extension IPAddress {
  /// Addresses that mean something else on every host are no endpoints, wherever they came from.
  fileprivate var isReachable: Bool { !isLoopback && !isUnspecified && !isLinkLocal && !isMulticast }
}
