package import ClusterModel
package import NetworkTypes

extension ServicePort {
  /// The ports of a pod of this node that are reached at the node's own addresses: each like a Service port whose one
  /// endpoint is the pod. Clients keep their source, since the answer passes here anyway.
  package static func hostPorts(
    of pod: PodModel, node: NodePlace, configuration: ServicePlan.Configuration
  ) -> [ServicePort] {
    let family = configuration.family
    guard pod.nodeName == node.name, !pod.hasFinished,
      let address = pod.addresses.first(where: { $0.family == family })
    else { return [] }
    var seen: Set<ServicePortName> = []
    return pod.hostPorts.compactMap { port in
      guard port.transport != .sctp || configuration.carriesSCTP else { return nil }
      let name = ServicePortName(
        hostPortOf: pod.name, "\(port.address.map(\.description) ?? ""):\(port.port)", port.transport)
      guard seen.insert(name).inserted else { return nil }
      let addresses = hostAddresses(port, node, family)
      guard !addresses.isEmpty else { return nil }
      let target = EndpointCandidate(
        target: SocketEndpoint(address, port.containerPort), isReady: true, isServing: true, isTerminating: false,
        isLocal: true, zoneHints: [], nodeHints: [])
      return ServicePort(
        name: name,
        addresses: Dictionary(
          uniqueKeysWithValues: addresses.map {
            (ServiceAddress($0, port.transport, port.port), AddressReach.inside(.cluster))
          }),
        endpoints: EndpointChoice([target], node: node.name, zone: nil), affinitySeconds: 0, guardedAddresses: [])
    }
  }

  /// Without an address of its own a port is at all of the node's and, in IPv4, at 127.0.0.1: packets to ::1 never
  /// leave the loopback interface.
  private static func hostAddresses(
    _ port: PodModel.HostPort, _ node: NodePlace, _ family: IPAddress.Family
  ) -> Set<IPAddress> {
    if let address = port.address, !address.isUnspecified {
      return address.family == family && !(family == .v6 && address.isLoopback) ? [address] : []
    }
    if let address = port.address, address.family != family { return [] }
    let own = Set(node.addresses.filter { $0.family == family })
    return family == .v4 ? own.union([IPAddress(v4: 127, 0, 0, 1)]) : own
  }
}
