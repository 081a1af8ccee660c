package import ClusterModel
package import NetworkTypes

/// A Service port as it shall be: where clients reach it and which endpoints take their traffic.
package struct ServicePort: Hashable, Sendable {
  package let name: ServicePortName
  package let addresses: [ServiceAddress]
  /// In ascending order, each once.
  package let endpoints: [SocketEndpoint]
  /// Endpoints that get no new traffic and still serve what they have: UDP flows to them may go on.
  package let drainingEndpoints: Set<SocketEndpoint>
  /// 0 without affinity.
  package let affinitySeconds: Int
}

extension ServicePort {
  /// The ports of a Service that this proxy is in charge of: none for headless Services, external names and those
  /// labelled for another proxy.
  package static func ports(
    of service: ServiceModel, slices: [EndpointSliceModel], node: NodeFacts, configuration: ServicePlan.Configuration
  ) -> [ServicePort] {
    guard service.kind != .externalName, !service.isHeadless, service.foreignProxyName == nil else { return [] }
    let family = configuration.family
    let slices = slices.filter { $0.family == family }
    return service.ports.map { port in
      let name = ServicePortName(service.name, port: port.name, port.transport)
      let isCarried = port.transport != .sctp || configuration.carriesSCTP
      let choice = isCarried ? EndpointChoice(port: name, slices: slices) : EndpointChoice()
      return ServicePort(
        name: name,
        addresses: addresses(of: port, of: service, node: node, family: family),
        endpoints: Array(choice.chosen.prefix(BackendClass.maximumEndpoints)),
        drainingEndpoints: choice.draining,
        affinitySeconds: service.affinitySeconds ?? 0)
    }
  }

  private static func addresses(
    of port: ServiceModel.Port, of service: ServiceModel, node: NodeFacts, family: IPAddress.Family
  ) -> [ServiceAddress] {
    var addresses = service.clusterIPs + service.externalIPs
    if service.kind == .loadBalancer { addresses += service.loadBalancerIPs }
    var result = addresses.filter { $0.family == family }.map { ServiceAddress($0, port.transport, port.port) }
    if let nodePort = port.nodePort, service.kind == .nodePort || service.kind == .loadBalancer {
      result += node.addresses.filter { $0.family == family }.map { ServiceAddress($0, port.transport, nodePort) }
    }
    return result
  }
}

/// Which endpoints of a Service port take traffic, by upstream's rule: those that are ready; where none is, those that
/// still serve while they terminate.
struct EndpointChoice {
  /// Ascending.
  private(set) var chosen: [SocketEndpoint] = []
  private(set) var draining: Set<SocketEndpoint> = []

  init() {}

  /// - Parameter slices: of one address family.
  init(port name: ServicePortName, slices: [EndpointSliceModel]) {
    var ready: Set<SocketEndpoint> = []
    var serving: Set<SocketEndpoint> = []
    var terminating: Set<SocketEndpoint> = []
    for slice in slices {
      // One slice may hold several ports of that name only where admission was bypassed; the first one counts.
      let port = slice.ports.first { $0.name == name.port && $0.transport == name.transport }
      guard let number = port?.port, number != 0 else { continue }
      for endpoint in slice.endpoints where endpoint.address.isReachable {
        let target = SocketEndpoint(endpoint.address, number)
        if endpoint.isReady { ready.insert(target) }
        if endpoint.isServing { serving.insert(target) }
        if endpoint.isServing && endpoint.isTerminating { terminating.insert(target) }
      }
    }
    let choice = ready.isEmpty ? terminating : ready
    chosen = choice.sorted()
    draining = serving.subtracting(choice)
  }
}

extension IPAddress {
  /// Addresses that mean something else on every host are no endpoints, wherever they came from.
  fileprivate var isReachable: Bool { !isLoopback && !isUnspecified && !isLinkLocal && !isMulticast }
}
