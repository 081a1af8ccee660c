package import ClusterModel
internal import HashTreeCollections
internal import KubernetesAPI
internal import NetworkTypes

/// Keeps the kernel's Service maps in step with the cluster: takes in what changed, yields the element operations.
///
/// The work is proportional to the Services that changed. An endpoint that leaves costs one slot, whatever the number
/// of endpoints: the last one moves into its place.
package struct ServicePlan: Sendable {
  /// A Service port in force.
  struct Backend: Sendable {
    let id: UInt32
    var addresses: Set<ServiceAddress> = []
    /// The position is the slot's number.
    var endpoints: [SocketEndpoint] = []
    var draining: Set<SocketEndpoint> = []
    var affinitySeconds = 0
    /// In the kernel's set of endpoints that clients may stay with; empty without affinity.
    var affinityEndpoints: Set<SocketEndpoint> = []

    var entry: ServiceEntry {
      ServiceEntry(BackendClass(endpointCount: endpoints.count, affinitySeconds: affinitySeconds), id: id)
    }
  }

  package let configuration: Configuration
  var backends: [ServicePortName: Backend] = [:]
  private var portsOfService: [ObjectName: [ServicePortName]] = [:]
  /// Who wants an address; the first in order has it. More than one only where external addresses collide, or while
  /// an address moves from one Service to another.
  private var claims: [ServiceAddress: [ServicePortName]] = [:]
  /// What the kernel holds.
  private var installed: [ServiceAddress: ServiceEntry]
  var exemptions = CountedSet<IPAddress>()
  private var exemptionsOfService: [ObjectName: [IPAddress]] = [:]
  var localEndpoints = CountedSet<IPAddress>()
  private var servicesWithNodePorts: Set<ObjectName> = []
  private(set) var node: NodeFacts?
  private var nextID: UInt32
  /// What was found in the kernel and waits for the first update.
  private var adopted: AdoptedTable?

  /// - Parameter table: what the kernel holds already. The first update corrects only the difference.
  package init(_ configuration: Configuration, adopting table: ServiceTable = ServiceTable()) {
    self.configuration = configuration
    installed = table.services
    let adopted = AdoptedTable(table)
    nextID = adopted.highestID + 1
    self.adopted = adopted
  }

  /// Number of Service ports in force.
  package var portCount: Int { backends.count }

  /// The operations that `update` calls for.
  package mutating func update(_ update: ClusterUpdate) -> ServiceDelta {
    var delta = ServiceDelta()
    var touched: Set<ServiceAddress> = []
    var services = update.change.services
    if update.isFirst || update.change.nodes.contains(configuration.nodeName) {
      // Node ports are reached at this node's addresses; whether an endpoint is local depends on its blocks.
      if updateNode(update.snapshot.nodes[configuration.nodeName], &delta) {
        services.formUnion(servicesWithNodePorts)
        recountLocalEndpoints()
      }
    }
    for service in services.sorted() { updateService(service, update.snapshot, &touched, &delta) }
    if adopted != nil { retireLeftovers(&touched, &delta) }
    settle(touched, &delta)
    exemptions.drain(into: &delta.exemptAddresses)
    localEndpoints.drain(into: &delta.localEndpoints)
    return delta
  }
}

extension ServicePlan {
  /// Whether anything of interest has changed.
  private mutating func updateNode(_ model: NodeModel?, _ delta: inout ServiceDelta) -> Bool {
    let family = configuration.family
    let facts = NodeFacts(
      podBlocks: (model?.podCIDRs ?? []).filter { $0.family == family },
      addresses: (model?.addresses ?? []).filter { $0.family == family })
    guard facts != node else { return false }
    node = facts
    delta.node = facts
    return true
  }

  private mutating func updateService(
    _ name: ObjectName, _ snapshot: ClusterSnapshot, _ touched: inout Set<ServiceAddress>, _ delta: inout ServiceDelta
  ) {
    let service = snapshot.services[name]
    let ports =
      service.map {
        ServicePort.ports(
          of: $0, slices: snapshot.endpointSlices(of: name), node: node ?? NodeFacts(), configuration: configuration)
      } ?? []
    updateExemptions(of: name, service)
    let names = ports.map(\.name)
    for former in portsOfService[name] ?? [] where !names.contains(former) {
      remove(former, &touched, &delta)
    }
    for port in ports { put(port, &touched, &delta) }
    portsOfService[name] = names.isEmpty ? nil : names
    if service?.ports.contains(where: { $0.nodePort != nil }) == true {
      servicesWithNodePorts.insert(name)
    } else {
      servicesWithNodePorts.remove(name)
    }
  }

  /// Cluster addresses of Services that another proxy serves are none of ours to refuse.
  private mutating func updateExemptions(of name: ObjectName, _ service: ServiceModel?) {
    var addresses: [IPAddress] = []
    if let service, service.foreignProxyName != nil {
      addresses = service.clusterIPs.filter { $0.family == configuration.family }
    }
    guard addresses != exemptionsOfService[name] ?? [] else { return }
    for address in exemptionsOfService[name] ?? [] { exemptions.remove(address) }
    for address in addresses { exemptions.insert(address) }
    exemptionsOfService[name] = addresses.isEmpty ? nil : addresses
  }

  private mutating func put(
    _ port: ServicePort, _ touched: inout Set<ServiceAddress>, _ delta: inout ServiceDelta
  ) {
    let known = backends[port.name]
    let isKnown = known != nil
    var backend = known ?? newBackend(for: port)
    let before = backend.entry
    let served = Set(backend.endpoints).union(backend.draining)
    updateAddresses(of: &backend, port, &touched)
    updateSlots(of: &backend, port.endpoints, &delta)
    backend.draining = port.drainingEndpoints
    backend.affinitySeconds = port.affinitySeconds
    updateAffinity(of: &backend, &delta)
    if backend.entry != before || !isKnown { touched.formUnion(backend.addresses) }
    if port.name.transport == .udp {
      let isSubset = served.isSubset(of: Set(backend.endpoints).union(backend.draining))
      if !isKnown || !isSubset { delta.addressesWithStaleFlows.formUnion(backend.addresses) }
    }
    backends[port.name] = backend
  }

  private mutating func remove(
    _ name: ServicePortName, _ touched: inout Set<ServiceAddress>, _ delta: inout ServiceDelta
  ) {
    guard var backend = backends.removeValue(forKey: name) else { return }
    for address in backend.addresses { unclaim(address, name, &touched) }
    updateSlots(of: &backend, [], &delta)
    updateAffinity(of: &backend, &delta)
  }

  private mutating func newBackend(for port: ServicePort) -> Backend {
    if let backend = adopted?.takeBackend(for: port) {
      for endpoint in backend.endpoints { countLocal(endpoint.address, present: true) }
      return backend
    }
    defer { nextID += 1 }
    return Backend(id: nextID)
  }
}

extension ServicePlan {
  private mutating func updateAddresses(
    of backend: inout Backend, _ port: ServicePort, _ touched: inout Set<ServiceAddress>
  ) {
    let wanted = Set(port.addresses)
    for address in backend.addresses.subtracting(wanted) { unclaim(address, port.name, &touched) }
    for address in wanted.subtracting(backend.addresses) {
      var claimants = claims[address] ?? []
      claimants.insert(port.name, at: claimants.firstIndex { $0 > port.name } ?? claimants.endIndex)
      claims[address] = claimants
      touched.insert(address)
    }
    backend.addresses = wanted
  }

  private mutating func unclaim(
    _ address: ServiceAddress, _ name: ServicePortName, _ touched: inout Set<ServiceAddress>
  ) {
    claims[address]?.removeAll { $0 == name }
    if claims[address]?.isEmpty == true { claims.removeValue(forKey: address) }
    touched.insert(address)
  }

  /// Leavers give their slot to the last; newcomers go to the end.
  private mutating func updateSlots(
    of backend: inout Backend, _ wanted: [SocketEndpoint], _ delta: inout ServiceDelta
  ) {
    let before = backend.endpoints
    guard before != wanted else { return }
    let keep = Set(wanted)
    let had = Set(before)
    for endpoint in had.subtracting(keep) { countLocal(endpoint.address, present: false) }
    var number = 0
    while number < backend.endpoints.count {
      if keep.contains(backend.endpoints[number]) {
        number += 1
      } else {
        let last = backend.endpoints.removeLast()
        if number < backend.endpoints.count { backend.endpoints[number] = last }
      }
    }
    for endpoint in wanted where !had.contains(endpoint) {
      backend.endpoints.append(endpoint)
      countLocal(endpoint.address, present: true)
    }
    for number in 0..<max(before.count, backend.endpoints.count) {
      let old = number < before.count ? before[number] : nil
      let new = number < backend.endpoints.count ? backend.endpoints[number] : nil
      guard old != new else { continue }
      let slot = ServiceSlot(id: backend.id, number: UInt32(number))
      if old != nil { delta.slots.removed.append(slot) }
      if let new { delta.slots.added.append((slot, new)) }
    }
  }

  private func updateAffinity(of backend: inout Backend, _ delta: inout ServiceDelta) {
    let wanted: Set<SocketEndpoint> = backend.affinitySeconds > 0 ? Set(backend.endpoints) : []
    guard wanted != backend.affinityEndpoints else { return }
    for endpoint in backend.affinityEndpoints.subtracting(wanted).sorted() {
      delta.affinityEndpoints.removed.append(AffinityEndpoint(id: backend.id, endpoint: endpoint))
    }
    for endpoint in wanted.subtracting(backend.affinityEndpoints).sorted() {
      delta.affinityEndpoints.added.append(AffinityEndpoint(id: backend.id, endpoint: endpoint))
    }
    backend.affinityEndpoints = wanted
  }

  private mutating func countLocal(_ address: IPAddress, present: Bool) {
    guard node?.podBlocks.contains(where: { $0.contains(address) }) == true else { return }
    if present { localEndpoints.insert(address) } else { localEndpoints.remove(address) }
  }

  private mutating func recountLocalEndpoints() {
    localEndpoints.removeAll()
    for backend in backends.values {
      for endpoint in backend.endpoints { countLocal(endpoint.address, present: true) }
    }
  }

  /// Compares what touched addresses shall lead to with what the kernel holds.
  private mutating func settle(_ touched: Set<ServiceAddress>, _ delta: inout ServiceDelta) {
    for address in touched.sorted() {
      let entry = claims[address]?.first.flatMap { backends[$0]?.entry }
      let before = installed[address]
      guard entry != before else { continue }
      if before != nil { delta.services.removed.append(address) }
      if let entry { delta.services.added.append((address, entry)) }
      installed[address] = entry
      if address.transport == .udp, entry?.id != before?.id { delta.addressesWithStaleFlows.insert(address) }
    }
  }

  /// Ends the adoption: what no Service took over goes.
  private mutating func retireLeftovers(_ touched: inout Set<ServiceAddress>, _ delta: inout ServiceDelta) {
    guard let adopted else { return }
    touched.formUnion(installed.keys)
    adopted.leftovers(into: &delta)
    for address in configuration.exemptAddresses { exemptions.insert(address) }
    exemptions.start(from: adopted.exemptAddresses)
    localEndpoints.start(from: adopted.localEndpoints)
    // Flows may have gone stale while nobody watched.
    for (name, backend) in backends where name.transport == .udp {
      delta.addressesWithStaleFlows.formUnion(backend.addresses)
    }
    self.adopted = nil
  }
}

extension ServicePlan {
  /// The Service port that has the address, with its endpoints in force; `nil` where no Service has it.
  func backend(at address: ServiceAddress) -> (name: ServicePortName, backend: Backend)? {
    guard let name = claims[address]?.first, let backend = backends[name] else { return nil }
    return (name, backend)
  }
}
