package import ClusterModel
internal import HashTreeCollections
package import JSONTree
package import KubernetesAPI
package import NamePlan
package import NetworkTypes
internal import PolicyPlan
internal import ServicePlan

/// What a packet meets on the node it is sent from: the name, the Service, its endpoints, the sender's policies, the route.
package struct Departure: Sendable {
  /// An endpoint the packet may be led to.
  package struct Way: Hashable, Sendable {
    package let destination: SocketEndpoint
    package let pod: ObjectName?
    package let node: String?
    package var steps: [ExplainStep] = []
  }

  package let source: IPAddress?
  package private(set) var steps: [ExplainStep] = []
  package private(set) var ways: [Way] = []
  /// Where the client sends to, once the name is resolved; for a probe.
  package private(set) var address: SocketEndpoint?

  private let place: DepartureNode
  private let sender: FlowParty?
  private let transport: TransportProtocol

  /// - Parameter place: the node, as it knows itself and the cluster.
  package init(
    from source: ExplainSource, to target: ExplainTarget, _ transport: TransportProtocol, at place: DepartureNode
  ) throws(ExplainError) {
    self.place = place
    self.transport = transport
    let family: IPAddress.Family?
    if case .address(let address) = target.place { family = address.family } else { family = nil }
    sender = try place.party(source, family)
    self.source = sender?.address
    switch target.place {
    case .service(let name): try lead(to: name, target.port, through: nil)
    case .pod(let name): try lead(toPod: name, target.port)
    case .address(let address): try lead(to: address, target.port)
    case .name(let text): try lead(byName: text, target.port, source)
    }
    for index in ways.indices { ways[index].steps = outgoing(ways[index]) }
  }

  package var tree: JSON {
    var tree: JSON = ["steps": steps.tree]
    if let source { tree["source"] = .string("\(source)") }
    if let address {
      tree["address"] = .string("\(address.address)")
      tree["port"] = .int(Int64(address.port))
    }
    tree["ways"] = .array(
      ways.map { way in
        var part: JSON = [
          "address": .string("\(way.destination.address)"), "port": .int(Int64(way.destination.port)),
          "steps": way.steps.tree,
        ]
        if let pod = way.pod { part["pod"] = .string("\(pod)") }
        if let node = way.node { part["node"] = .string(node) }
        return part
      })
    return tree
  }
}

extension Departure {
  private mutating func lead(
    byName text: String, _ port: ExplainTarget.Port, _ source: ExplainSource
  ) throws(ExplainError) {
    let found = place.resolve(text, from: source, preferring: sender?.address.family)
    steps.append(found.step)
    guard let address = found.address else { return }
    try lead(to: address, port, named: found.service)
  }

  private mutating func lead(
    to address: IPAddress, _ port: ExplainTarget.Port, named service: ObjectName? = nil
  ) throws(ExplainError) {
    // The node answers itself, whatever Service has the address.
    let isNameServer = place.nameServerAddresses.contains(address)
    if !isNameServer, let owner = place.service(at: address, port, transport) {
      try lead(to: owner, port, through: address)
      return
    }
    // A headless Service's name leads straight to a pod: its port is the pod's.
    guard
      case .number(let number) = try service.map({ (name) throws(ExplainError) in
        try place.port(port, of: name, transport)
      }) ?? port
    else { throw ExplainError("an address needs a port's number, not a name") }
    self.address = SocketEndpoint(address, number)
    if place.isServiceBlock(address), !isNameServer {
      steps.append(
        ExplainStep(.service, .blocks, "\(address) port \(number)/\(transport.rawValue) belongs to no Service: refused")
      )
      return
    }
    let pod = isNameServer ? nil : place.judge.party(address).pod
    ways.append(
      Way(
        destination: SocketEndpoint(address, number), pod: pod?.name,
        node: isNameServer ? place.nodeName : pod?.nodeName ?? place.node(at: address)))
  }

  private mutating func lead(toPod name: ObjectName, _ port: ExplainTarget.Port) throws(ExplainError) {
    guard let pod = place.snapshot.pods[name] else { throw ExplainError("there is no pod \(name)") }
    guard let address = pod.addresses.first(where: { $0.family == sender?.address.family ?? $0.family }) else {
      steps.append(
        ExplainStep(
          .endpoints, .blocks,
          pod.hasFinished
            ? "the pod has finished and has no address any more" : "the pod has no address yet",
          object: "Pod \(name)", field: "status.podIPs"))
      return
    }
    let number: UInt16
    switch port {
    case .number(let value): number = value
    case .name(let text):
      guard let value = pod.namedPorts[.init(transport, text)] else {
        throw ExplainError("pod \(name) has no \(transport.rawValue) port named '\(text)'")
      }
      number = value
    }
    self.address = SocketEndpoint(address, number)
    ways.append(
      Way(
        destination: SocketEndpoint(address, number), pod: pod.usesHostNetwork ? nil : name, node: pod.nodeName))
  }

  private mutating func lead(
    to name: ObjectName, _ port: ExplainTarget.Port, through address: IPAddress?
  ) throws(ExplainError) {
    let found = try place.serviceWay(name, port, transport, through: address, from: sender?.address)
    steps += found.steps
    self.address = found.address
    ways = found.endpoints.map { endpoint, model in
      let pod = model?.pod.flatMap { place.snapshot.pods[$0] }
      return Way(
        destination: endpoint, pod: pod?.usesHostNetwork == true ? nil : pod?.name,
        node: model?.nodeName ?? pod?.nodeName ?? place.node(at: endpoint.address))
    }
  }

  private func outgoing(_ way: Way) -> [ExplainStep] {
    guard let sender else { return [] }
    let destination =
      way.pod.flatMap { place.snapshot.pods[$0] }.map { FlowParty(way.destination.address, pod: $0) }
      ?? place.judge.party(way.destination.address)
    let flow = PolicyFlow(from: sender, to: destination, transport, way.destination.port)
    var steps: [ExplainStep] = []
    if sender.pod != nil {
      steps.append(PolicyWords(place.judge, flow).step(.egress, place.judge.egress(flow)))
    }
    if destination.address != sender.address { steps.append(place.route(to: way.destination.address)) }
    return steps
  }
}
