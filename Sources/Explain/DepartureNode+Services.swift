internal import ClusterModel
internal import HashTreeCollections
internal import KubernetesAPI
internal import NetworkTypes
internal import ServicePlan

/// Services as the rules of this node have them.
extension DepartureNode {
  struct ServiceWay {
    var steps: [ExplainStep] = []
    var address: SocketEndpoint?
    /// The node that translates.
    var entry: String?
    /// It puts its own address in for the sender's, where the endpoint is elsewhere.
    var isMasked = false
    var endpoints: [(SocketEndpoint, EndpointSliceModel.Endpoint?)] = []
  }

  /// The Service that has an address and port.
  func service(at address: IPAddress, _ port: ExplainTarget.Port, _ transport: TransportProtocol) -> ObjectName? {
    guard case .number(let number) = port else {
      return snapshot.services.values.first { $0.clusterIPs.contains(address) }?.name
    }
    return snapshot.service(at: SocketEndpoint(address, number), transport)?.service.name
  }

  /// What a port of a Service is where it leads straight to pods.
  func port(
    _ port: ExplainTarget.Port, of name: ObjectName, _ transport: TransportProtocol
  ) throws(ExplainError) -> ExplainTarget.Port {
    guard case .name = port else { return port }
    let wanted = try servicePort(port, of: name, transport, atNode: false)
    let target = snapshot.endpointSlices(of: name).flatMap(\.ports).first {
      $0.name == wanted.name && $0.transport == transport
    }
    return .number(target?.port ?? wanted.port)
  }

  private func servicePort(
    _ port: ExplainTarget.Port, of name: ObjectName, _ transport: TransportProtocol, atNode: Bool
  ) throws(ExplainError) -> ServiceModel.Port {
    guard let service = snapshot.services[name] else { throw ExplainError("there is no Service \(name)") }
    let found = service.ports.first { candidate in
      guard candidate.transport == transport else { return false }
      switch port {
      case .number(let number): return atNode ? candidate.nodePort == number : candidate.port == number
      case .name(let text): return candidate.name == text
      }
    }
    guard let found else {
      let ports = service.ports.map { "\($0.port)/\($0.transport.rawValue)" }.joined(separator: ", ")
      throw ExplainError(
        "Service \(name) has no port \(port)/\(transport.rawValue)"
          + (ports.isEmpty ? "" : "; it has \(ports)"))
    }
    return found
  }

  func serviceWay(
    _ name: ObjectName, _ port: ExplainTarget.Port, _ transport: TransportProtocol, through address: IPAddress?,
    from sender: Sender
  ) throws(ExplainError) -> ServiceWay {
    guard let service = snapshot.services[name] else { throw ExplainError("there is no Service \(name)") }
    // An external address may be a node's as well: then the number tells.
    let isNodePort =
      address.map { address in
        guard case .number(let number) = port, node(at: address) != nil else { return false }
        return service.ports.contains { $0.nodePort == number && $0.transport == transport }
      } ?? false
    let wanted = try servicePort(port, of: name, transport, atNode: isNodePort)
    let object = "Service \(name)"
    var way = ServiceWay()
    if service.kind == .externalName {
      way.steps.append(
        ExplainStep(
          .service, .unknown, "it stands for the name \(service.externalName ?? ""), and nothing is forwarded",
          object: object, field: "spec.externalName"))
      return way
    }
    let slices = snapshot.endpointSlices(of: name)
    if address == nil, service.isHeadless {
      way.steps.append(
        ExplainStep(
          .service, .passes, "headless: its name leads to the pods themselves", object: object, field: "spec.clusterIP")
      )
      way.endpoints = sender.families.flatMap { ready(slices, wanted, transport, $0) }
      way.steps.append(endpointsStep(name, slices, wanted, way.endpoints.map(\.0), scope: ""))
      way.address = way.endpoints.first?.0
      return way
    }
    guard
      let target = address
        ?? sender.families.compactMap({ family in service.clusterIPs.first { $0.family == family } }).first
    else {
      way.steps.append(
        ExplainStep(
          .service, .blocks, "it has no address of a family that the sender has", object: object,
          field: "spec.clusterIPs"))
      return way
    }
    let family = target.family
    let number = isNodePort ? wanted.nodePort ?? wanted.port : wanted.port
    way.address = SocketEndpoint(target, number)
    if service.isLeftToOthers {
      way.steps.append(
        ExplainStep(
          .service, .unknown, "its labels leave it to another proxy", object: object, field: "metadata.labels"))
      return way
    }
    let client = sender.address(family)
    if service.loadBalancerIPs.contains(target), !service.loadBalancerSourceRanges.isEmpty,
      client.map({ client in !service.loadBalancerSourceRanges.contains { $0.contains(client) } }) ?? true
    {
      way.steps.append(
        ExplainStep(
          .service, .blocks, "the sender is in none of the ranges that may use \(target): dropped", object: object,
          field: "spec.loadBalancerSourceRanges"))
      return way
    }
    let entry = node(at: target) ?? nodeName
    way.entry = entry
    way.isMasked = !service.clusterIPs.contains(target) && !service.externalTrafficIsLocal
    var place = NodePlace(name: entry)
    place.zone = snapshot.nodes[entry]?.zone
    place.addresses = snapshot.nodes[entry]?.addresses.filter { $0.family == family } ?? []
    let ports = ServicePort.ports(
      of: service, slices: slices, node: place,
      configuration: .init(nodeName: entry, family: family, carriesSCTP: carriesSCTP))
    guard let planned = ports.first(where: { $0.name.port == wanted.name && $0.name.transport == transport }),
      planned.addresses[ServiceAddress(target, transport, number)] != nil
    else {
      way.steps.append(
        ExplainStep(.service, .blocks, "no node has \(target):\(number)/\(transport.rawValue) in force", object: object)
      )
      return way
    }
    let isLocal = keepsLocal(service, target, entry, client)
    let chosen = planned.endpoints[isLocal ? .local : .cluster].chosen
    way.steps.append(
      ExplainStep(
        .service, .passes,
        "\(target):\(number)/\(transport.rawValue) is its port \(wanted.name.isEmpty ? "\(wanted.port)" : wanted.name)",
        object: object, field: "spec.ports"))
    let models = Dictionary(slices.flatMap(\.endpoints).map { ($0.address, $0) }) { first, _ in first }
    way.endpoints = chosen.map { ($0, models[$0.address]) }
    let scope = isLocal ? " on node \(entry), where its traffic policy keeps it" : ""
    way.steps.append(endpointsStep(name, slices, wanted, chosen, scope: scope))
    return way
  }

  private func keepsLocal(
    _ service: ServiceModel, _ target: IPAddress, _ entry: String, _ client: IPAddress?
  ) -> Bool {
    if service.clusterIPs.contains(target) { return service.internalTrafficIsLocal }
    guard service.externalTrafficIsLocal, let client, let node = snapshot.nodes[entry] else {
      return service.externalTrafficIsLocal
    }
    // Clients on the node reach the whole cluster's endpoints at addresses for the outside.
    return !node.podCIDRs.contains { $0.contains(client) } && !node.addresses.contains(client)
  }

  private func ready(
    _ slices: [EndpointSliceModel], _ port: ServiceModel.Port, _ transport: TransportProtocol,
    _ family: IPAddress.Family
  ) -> [(SocketEndpoint, EndpointSliceModel.Endpoint?)] {
    slices.filter { $0.family == family }.flatMap { slice -> [(SocketEndpoint, EndpointSliceModel.Endpoint?)] in
      let number = slice.ports.first { $0.name == port.name && $0.transport == transport }?.port ?? port.port
      return slice.endpoints.filter(\.isReady).map { (SocketEndpoint($0.address, number), $0) }
    }
  }

  private func endpointsStep(
    _ name: ObjectName, _ slices: [EndpointSliceModel], _ port: ServiceModel.Port, _ chosen: [SocketEndpoint],
    scope: String
  ) -> ExplainStep {
    let addresses = Set(chosen.map(\.address))
    let others = slices.flatMap(\.endpoints).filter { !addresses.contains($0.address) }.map { endpoint in
      let who = endpoint.pod?.name ?? endpoint.address.description
      let why =
        endpoint.isTerminating
        ? "is ending" : !endpoint.isReady ? "is not ready" : "is meant for other nodes, or has another port"
      return "\(who) \(why)"
    }
    let object = "Service \(name)"
    let rest = others.isEmpty ? "" : "; \(others.joined(separator: ", "))"
    guard !chosen.isEmpty else {
      let why =
        slices.allSatisfy(\.endpoints.isEmpty)
        ? "no pod with an address matches its selector, or nobody made endpoints" : "none takes traffic\(scope)"
      return ExplainStep(.endpoints, .blocks, why + rest, object: object, field: "spec.selector")
    }
    let list = chosen.map(\.description).joined(separator: ", ")
    return ExplainStep(.endpoints, .passes, "\(chosen.count) take traffic\(scope): \(list)\(rest)", object: object)
  }
}
