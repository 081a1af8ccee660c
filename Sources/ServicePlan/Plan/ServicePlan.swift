package import ClusterModel
internal import HashTreeCollections
internal import KubernetesAPI
internal import NetworkTypes

/// Keeps the kernel's Service maps in step with the cluster: takes in what changed, yields the element operations.
///
/// The work is proportional to the Services that changed. An endpoint that leaves costs one slot, whatever the number
/// of endpoints: the last one moves into its place.
package struct ServicePlan: Sendable {
  package let configuration: Configuration
  var ports: [ServicePortName: PortState] = [:]
  private var portsOfService: [ObjectName: [ServicePortName]] = [:]
  private var portsOfPod: [ObjectName: [ServicePortName]] = [:]
  /// Who wants an address; the first in order has it. More than one only where external addresses collide, or while
  /// an address moves from one Service to another.
  var claims: [ServiceAddress: [ServicePortName]] = [:]
  /// What the kernel holds.
  var installed = InstalledAddresses()
  private var exemptions = CountedSet<IPAddress>()
  private var exemptionsOfService: [ObjectName: [IPAddress]] = [:]
  private var localEndpoints = CountedSet<IPAddress>()
  var ranges: [ObjectName: (group: UInt32, blocks: Set<CIDR>)] = [:]
  var droppingInside: Set<ServicePortName> = []
  var droppingOutside: Set<ServicePortName> = []
  /// Services whose plan depends on the node's addresses, and those whose plan depends on its zone.
  private var servicesAtNode: Set<ObjectName> = []
  private var servicesWithHints: Set<ObjectName> = []
  private(set) var node: NodeFacts?
  private(set) var place: NodePlace
  var nextID: UInt32
  /// What was found in the kernel and waits for the first update.
  var adopted: AdoptedTable?

  /// - Parameter table: what the kernel holds already. The first update corrects only the difference.
  package init(_ configuration: Configuration, adopting table: ServiceTable = ServiceTable()) {
    self.configuration = configuration
    installed = InstalledAddresses(table)
    place = NodePlace(name: configuration.nodeName)
    let adopted = AdoptedTable(table)
    nextID = adopted.highestID + 1
    self.adopted = adopted
  }

  /// Number of Service ports in force.
  package var portCount: Int { ports.count }
  /// Service ports that keep traffic to this node's endpoints and have none here, though there are some elsewhere.
  package var portsWithoutLocalEndpoints: (inside: Int, outside: Int) {
    (droppingInside.count, droppingOutside.count)
  }

  /// The operations that `update` calls for.
  package mutating func update(_ update: ClusterUpdate) -> ServiceDelta {
    var delta = ServiceDelta()
    var touched: Set<ServiceAddress> = []
    var services = update.change.services
    var pods = update.change.pods
    var clientsHaveChanged = false
    if update.isFirst || update.change.nodes.contains(configuration.nodeName) || !update.change.serviceRanges.isEmpty {
      clientsHaveChanged = updateNode(update.snapshot, &services, &pods, &delta)
    }
    for service in services.sorted() { updateService(service, update.snapshot, &touched, &delta) }
    for pod in pods.sorted() { updatePod(pod, update.snapshot, &touched, &delta) }
    if adopted != nil { retireLeftovers(&touched, &delta) }
    settle(touched, &delta)
    exemptions.drain(into: &delta.exemptAddresses)
    localEndpoints.drain(into: &delta.localEndpoints)
    // Who counts as a client of this node decides which flows may go on.
    if clientsHaveChanged { delta.changedFlowAddresses.formUnion(claims.keys.filter { $0.transport == .udp }) }
    return delta
  }
}

extension ServicePlan {
  /// Takes in what is known of this node, and adds what depends on it to what has changed.
  /// - Returns: whether the addresses that are this node's have changed.
  private mutating func updateNode(
    _ snapshot: ClusterSnapshot, _ services: inout Set<ObjectName>, _ pods: inout Set<ObjectName>,
    _ delta: inout ServiceDelta
  ) -> Bool {
    let model = snapshot.nodes[configuration.nodeName]
    if place.zone != model?.zone {
      place.zone = model?.zone
      services.formUnion(servicesWithHints)
    }
    let family = configuration.family
    let facts = NodeFacts(
      podBlocks: (model?.podCIDRs ?? []).filter { $0.family == family },
      addresses: (model?.addresses ?? []).filter { $0.family == family },
      serviceBlocks: snapshot.serviceBlocks(startingWith: configuration.serviceBlocks).filter { $0.family == family })
    guard facts != node else { return false }
    let former = node
    node = facts
    delta.node = facts
    guard former?.podBlocks != facts.podBlocks || former?.addresses != facts.addresses else { return false }
    place.addresses = facts.addresses
    services.formUnion(servicesAtNode)
    pods.formUnion(portsOfPod.keys)
    recountLocalEndpoints()
    return true
  }

  private mutating func updateService(
    _ name: ObjectName, _ snapshot: ClusterSnapshot, _ touched: inout Set<ServiceAddress>, _ delta: inout ServiceDelta
  ) {
    let service = snapshot.services[name]
    let slices = service == nil ? [] : snapshot.endpointSlices(of: name)
    let wanted =
      service.map { ServicePort.ports(of: $0, slices: slices, node: place, configuration: configuration) } ?? []
    updateExemptions(of: name, service)
    updateRanges(of: name, wanted.isEmpty ? nil : service, wanted, &delta)
    let former = portsOfService[name] ?? []
    portsOfService[name] = wanted.isEmpty ? nil : wanted.map(\.name)
    replace(former, with: wanted, rangeGroup: ranges[name]?.group, &touched, &delta)
    let isAtNode = service?.ports.contains { $0.nodePort != nil } == true || ranges[name] != nil
    if isAtNode { servicesAtNode.insert(name) } else { servicesAtNode.remove(name) }
    let hasHints = slices.contains { $0.endpoints.contains { !$0.zoneHints.isEmpty } }
    if hasHints { servicesWithHints.insert(name) } else { servicesWithHints.remove(name) }
  }

  private mutating func updatePod(
    _ name: ObjectName, _ snapshot: ClusterSnapshot, _ touched: inout Set<ServiceAddress>, _ delta: inout ServiceDelta
  ) {
    let pod = snapshot.pods[name].flatMap { $0.hostPorts.isEmpty ? nil : $0 }
    let wanted =
      pod.map { ServicePort.hostPorts(of: $0, node: place, configuration: configuration) } ?? []
    let former = portsOfPod[name]
    guard pod != nil || former != nil else { return }
    // Kept without ports too: a node that waits for its addresses looks at its pods again.
    portsOfPod[name] = pod == nil ? nil : wanted.map(\.name)
    replace(former ?? [], with: wanted, rangeGroup: nil, &touched, &delta)
  }

  /// Puts the ports of one object in force, and takes those away that it has no more.
  private mutating func replace(
    _ former: [ServicePortName], with wanted: [ServicePort], rangeGroup: UInt32?,
    _ touched: inout Set<ServiceAddress>, _ delta: inout ServiceDelta
  ) {
    let kept = Set(wanted.map(\.name))
    for name in former where !kept.contains(name) { remove(name, &touched, &delta) }
    for port in wanted { put(port, rangeGroup: rangeGroup, &touched, &delta) }
  }

  /// Cluster addresses of Services that others serve are none of ours to refuse.
  private mutating func updateExemptions(of name: ObjectName, _ service: ServiceModel?) {
    var addresses: [IPAddress] = []
    if let service, service.isLeftToOthers {
      addresses = service.clusterIPs.filter { $0.family == configuration.family }
    }
    guard addresses != exemptionsOfService[name] ?? [] else { return }
    for address in exemptionsOfService[name] ?? [] { exemptions.remove(address) }
    for address in addresses { exemptions.insert(address) }
    exemptionsOfService[name] = addresses.isEmpty ? nil : addresses
  }
}

extension ServicePlan {
  mutating func countLocal(_ address: IPAddress, present: Bool) {
    guard node?.podBlocks.contains(where: { $0.contains(address) }) == true else { return }
    if present { localEndpoints.insert(address) } else { localEndpoints.remove(address) }
  }

  private mutating func recountLocalEndpoints() {
    localEndpoints.removeAll()
    for state in ports.values {
      for backend in state.backends.values {
        for endpoint in backend.endpoints { countLocal(endpoint.address, present: true) }
      }
    }
  }

  /// Ends the adoption: what no Service took over goes.
  private mutating func retireLeftovers(_ touched: inout Set<ServiceAddress>, _ delta: inout ServiceDelta) {
    guard let adopted else { return }
    touched.formUnion(installed.addresses)
    adopted.leftovers(into: &delta)
    for address in configuration.exemptAddresses { exemptions.insert(address) }
    exemptions.start(from: adopted.exemptAddresses)
    localEndpoints.start(from: adopted.localEndpoints)
    // Flows may have gone stale while nobody watched.
    for (name, state) in ports where name.transport == .udp {
      delta.addressesWithStaleFlows.formUnion(state.port.addresses.keys)
    }
    self.adopted = nil
  }
}
