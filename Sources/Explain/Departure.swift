package import ClusterModel
internal import HashTreeCollections
package import JSONTree
package import KubernetesAPI
internal import NamePlan
package import NetworkTypes
internal import PolicyPlan

/// What a packet meets on the node it is sent from: the name, the Service, its endpoints, the sender's policies, the route.
package struct Departure: Sendable {
  /// An endpoint the packet may be led to.
  package struct Way: Hashable, Sendable {
    package let destination: SocketEndpoint
    package let pod: ObjectName?
    package let node: String?
    /// Where it goes as long as the sender's policies look at it: another node's port is translated there only.
    var first: SocketEndpoint
    /// What the receiver takes for the sender, where a node puts its own address in.
    var maskedSource: IPAddress?
    package var steps: [ExplainStep] = []

    init(_ destination: SocketEndpoint, pod: ObjectName?, node: String?) {
      self.destination = destination
      self.pod = pod
      self.node = node
      first = destination
    }
  }

  package private(set) var steps: [ExplainStep] = []
  package private(set) var ways: [Way] = []
  /// Where the client sends to, once the name is resolved; for a probe.
  package private(set) var address: SocketEndpoint?

  private let place: DepartureNode
  private let sender: Sender
  private let transport: TransportProtocol
  private let search: NameSearch

  /// - Parameters:
  ///   - place: the node, as it knows itself and the cluster.
  ///   - search: how the sender asks for names; `nil`: as pods do that say nothing of it.
  package init(
    from source: ExplainSource, to target: ExplainTarget, _ transport: TransportProtocol, at place: DepartureNode,
    search: NameSearch? = nil
  ) throws(ExplainError) {
    self.place = place
    self.transport = transport
    sender = try Sender(source, place)
    self.search =
      search
      ?? NameSearch(
        namespace: sender.namespace, zone: place.names.configuration.zone, servers: place.nameServerAddresses)
    switch target.place {
    case .service(let name): try lead(toService: name, target.port)
    case .pod(let name): try lead(toPod: name, target.port)
    case .address(let address): try lead(to: address, target.port)
    case .name(let text): try lead(byName: text, target.port)
    }
    for index in ways.indices { ways[index].steps = outgoing(&ways[index]) }
  }

  package var tree: JSON {
    var tree: JSON = ["steps": steps.tree]
    if let address {
      tree["address"] = .string("\(address.address)")
      tree["port"] = .int(Int64(address.port))
    }
    if let node = sender.node { tree["sendingNode"] = .string(node) }
    tree["ways"] = .array(
      ways.map { way in
        var part: JSON = [
          "address": .string("\(way.destination.address)"), "port": .int(Int64(way.destination.port)),
          "steps": way.steps.tree,
        ]
        if let source = way.maskedSource ?? sender.address(way.destination.address.family) {
          part["source"] = .string("\(source)")
        }
        if way.maskedSource != nil { part["isMasked"] = true }
        if let pod = way.pod { part["pod"] = .string("\(pod)") }
        if let node = way.node { part["node"] = .string(node) }
        return part
      })
    return tree
  }
}

extension Departure {
  private mutating func lead(byName text: String, _ port: ExplainTarget.Port) throws(ExplainError) {
    guard search.asks(place.nameServerAddresses) else {
      let servers = search.servers.isEmpty ? "nobody" : search.servers.joined(separator: ", ")
      steps.append(
        ExplainStep(
          .name, .unknown, "the sender asks \(servers) for names, not the cluster's DNS", field: "spec.dnsPolicy"))
      return
    }
    if let refusal = queryRefusal() {
      steps.append(refusal)
      return
    }
    let found = place.resolve(text, search, sender.families)
    steps.append(found.step)
    guard let first = found.addresses.first else { return }
    if found.addresses.count > 1, let service = found.service, place.snapshot.services[service]?.isHeadless == true {
      // A client takes any of them.
      for address in found.addresses { try lead(to: address, port, named: service) }
      return
    }
    try lead(to: first, port, named: found.service)
  }

  /// Why the sender's policies keep it from asking for names at all.
  private func queryRefusal() -> ExplainStep? {
    for server in place.nameServerAddresses {
      guard let from = sender.party(server.family), from.pod != nil else { continue }
      let flow = PolicyFlow(from: from, to: place.judge.party(server), .udp, 53)
      let verdict = place.judge.egress(flow)
      if verdict.isAllowed { return nil }
      let step = PolicyWords(place.judge, flow).step(.egress, verdict)
      return ExplainStep(
        .name, .blocks, "the query for the name does not get to \(server): \(step.text)", object: step.object,
        field: step.field)
    }
    return nil
  }

  private mutating func lead(toService name: ObjectName, _ port: ExplainTarget.Port) throws(ExplainError) {
    let addresses = place.snapshot.services[name]?.clusterIPs ?? []
    if let server = addresses.first(where: place.nameServerAddresses.contains) {
      try lead(to: server, try place.port(port, of: name, transport))
    } else {
      try lead(to: name, port, through: nil)
    }
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
    var port = port
    // A headless Service's name leads straight to a pod: its port is the pod's.
    if let service, !isNameServer { port = try place.port(port, of: service, transport) }
    guard case .number(let number) = port else {
      throw ExplainError("an address needs a port's number, not a name")
    }
    self.address = SocketEndpoint(address, number)
    if let way = hostPort(number, at: address) {
      ways.append(way)
      return
    }
    if place.isServiceBlock(address), !isNameServer {
      steps.append(
        ExplainStep(
          .service, .blocks, "\(address) port \(number)/\(transport.rawValue) belongs to no Service: refused"))
      return
    }
    let pod = isNameServer ? nil : place.judge.party(address).pod
    ways.append(
      Way(
        SocketEndpoint(address, number), pod: pod?.name,
        node: isNameServer ? place.nodeName : pod?.nodeName ?? place.node(at: address)))
  }

  /// The way to a pod whose host port this is, with the step that says so.
  private mutating func hostPort(_ number: UInt16, at address: IPAddress) -> Way? {
    guard let node = place.node(at: address),
      let (pod, port) = place.hostPort(number, transport, of: node, at: address)
    else { return nil }
    steps.append(
      ExplainStep(
        .service, .passes, "\(address) port \(number)/\(transport.rawValue) is a host port of pod \(pod.name)",
        object: "Pod \(pod.name)", field: "spec.containers[*].ports[*].hostPort"))
    guard let own = pod.addresses.first(where: { $0.family == address.family }) else { return nil }
    var way = Way(SocketEndpoint(own, port.containerPort), pod: pod.name, node: node)
    // Another node's port is that node's to translate.
    if node != place.nodeName { way.first = SocketEndpoint(address, number) }
    return way
  }

  private mutating func lead(toPod name: ObjectName, _ port: ExplainTarget.Port) throws(ExplainError) {
    guard let pod = place.snapshot.pods[name] else { throw ExplainError("there is no pod \(name)") }
    guard let address = sender.families.compactMap({ family in pod.addresses.first { $0.family == family } }).first
    else {
      let why =
        pod.hasFinished
        ? "the pod has finished and has no address any more"
        : pod.addresses.isEmpty
          ? "the pod has no address yet" : "the pod has no address of a family that the sender has"
      steps.append(ExplainStep(.endpoints, .blocks, why, object: "Pod \(name)", field: "status.podIPs"))
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
    ways.append(Way(SocketEndpoint(address, number), pod: pod.usesHostNetwork ? nil : name, node: pod.nodeName))
  }

  private mutating func lead(
    to name: ObjectName, _ port: ExplainTarget.Port, through address: IPAddress?
  ) throws(ExplainError) {
    let found = try place.serviceWay(name, port, transport, through: address, from: sender)
    steps += found.steps
    self.address = found.address
    for (endpoint, model) in found.endpoints {
      let pod = model?.pod.flatMap { place.snapshot.pods[$0] }
      let node = model?.nodeName ?? pod?.nodeName ?? place.node(at: endpoint.address)
      var way = Way(endpoint, pod: pod?.usesHostNetwork == true ? nil : pod?.name, node: node)
      // Another node's port is that node's to translate.
      if let address, let entry = found.entry, entry != place.nodeName, let port = found.address?.port {
        way.first = SocketEndpoint(address, port)
      }
      if found.isMasked, let entry = found.entry, node != entry {
        way.maskedSource = place.snapshot.nodes[entry]?.addresses.first { $0.family == endpoint.address.family }
      }
      ways.append(way)
    }
  }

  private func outgoing(_ way: inout Way) -> [ExplainStep] {
    guard let from = sender.party(way.first.address.family) else { return [] }
    let pod = way.first == way.destination ? way.pod.flatMap { place.snapshot.pods[$0] } : nil
    let destination = pod.map { FlowParty(way.first.address, pod: $0) } ?? place.judge.party(way.first.address)
    let flow = PolicyFlow(from: from, to: destination, transport, way.first.port)
    var steps: [ExplainStep] = []
    if from.pod != nil { steps.append(PolicyWords(place.judge, flow).step(.egress, place.judge.egress(flow))) }
    if destination.address != from.address { steps.append(place.route(to: way.first.address)) }
    if let masked = way.maskedSource {
      steps.append(
        ExplainStep(.route, .passes, "the receiver sees \(masked), the address of the node that translates it"))
    }
    return steps
  }
}
