package import ClusterModel
package import NetworkTypes

/// A Service port as it shall be: where clients reach it and which endpoints take their traffic.
package struct ServicePort: Hashable, Sendable {
  package let name: ServicePortName
  package let addresses: [ServiceAddress: AddressReach]
  package let endpoints: EndpointChoice
  /// 0 without affinity.
  package let affinitySeconds: Int
  /// Addresses of load balancers, which only clients from the Service's source ranges may use where it has some.
  package let guardedAddresses: Set<ServiceAddress>

  /// Of which endpoints an address makes use.
  var scopes: Set<EndpointScope> { Set(addresses.values.flatMap(\.scopes)) }
}

/// Where this node is, as far as plans for its Services ask.
package struct NodePlace: Hashable, Sendable {
  package var name: String
  package var zone: String?
  package var addresses: [IPAddress] = []

  package init(name: String) { self.name = name }
}

extension ServicePort {
  /// The ports of a Service that this proxy is in charge of: none for headless Services, external names and those
  /// labelled for others.
  package static func ports(
    of service: ServiceModel, slices: [EndpointSliceModel], node: NodePlace, configuration: ServicePlan.Configuration
  ) -> [ServicePort] {
    guard service.kind != .externalName, !service.isHeadless, !service.isLeftToOthers else { return [] }
    let family = configuration.family
    let index = SliceIndex(slices, family: family, node: node.name, zone: node.zone)
    var seen: Set<ServicePortName> = []
    return service.ports.compactMap { port in
      let name = ServicePortName(service.name, port: port.name, port.transport)
      // Two ports of one name only come from a write that bypassed admission; the first one counts.
      guard seen.insert(name).inserted else { return nil }
      let isCarried = port.transport != .sctp || configuration.carriesSCTP
      return ServicePort(
        name: name, addresses: addresses(of: port, of: service, node: node, family: family),
        endpoints: isCarried ? index.choice(for: name) : EndpointChoice(),
        affinitySeconds: service.affinitySeconds ?? 0,
        guardedAddresses: service.kind == .loadBalancer
          ? Set(
            service.loadBalancerIPs.filter { $0.family == family }.map {
              ServiceAddress($0, port.transport, port.port)
            }) : [])
    }
  }

  private static func addresses(
    of port: ServiceModel.Port, of service: ServiceModel, node: NodePlace, family: IPAddress.Family
  ) -> [ServiceAddress: AddressReach] {
    var result: [ServiceAddress: AddressReach] = [:]
    func add(_ addresses: [IPAddress], _ number: UInt16, _ reach: AddressReach) {
      for address in addresses where address.family == family {
        result[ServiceAddress(address, port.transport, number)] = reach
      }
    }
    let outside = AddressReach.outside(service.externalTrafficIsLocal ? .local : .cluster)
    if let nodePort = port.nodePort, service.kind == .nodePort || service.kind == .loadBalancer {
      add(node.addresses, nodePort, outside)
    }
    add(service.externalIPs, port.port, outside)
    if service.kind == .loadBalancer { add(service.loadBalancerIPs, port.port, outside) }
    // Last: where an address is both, it is the cluster's own.
    add(service.clusterIPs, port.port, .inside(service.internalTrafficIsLocal ? .local : .cluster))
    return result
  }
}
