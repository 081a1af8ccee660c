internal import ClusterModel
internal import KubernetesAPI
internal import NetworkTypes

/// What the kernel holds by address.
struct InstalledAddresses: Sendable {
  var services: [ServiceAddress: ServiceEntry] = [:]
  var insideServices: [ServiceAddress: ServiceEntry] = [:]
  var guarded: [ServiceAddress: UInt32] = [:]

  init() {}

  init(_ table: ServiceTable) {
    services = table.services
    insideServices = table.insideServices
    guarded = table.guardedAddresses
  }

  var addresses: Set<ServiceAddress> { Set(services.keys).union(insideServices.keys).union(guarded.keys) }
}

extension ServicePlan {
  /// The port that has the address; `nil` where none has.
  func owner(of address: ServiceAddress) -> PortState? { claims[address]?.first.flatMap { ports[$0] } }

  /// Whether a Service, or a pod's host port, has the address.
  package func serves(_ address: ServiceAddress) -> Bool { claims[address] != nil }

  /// The classes that entries in the kernel's maps have.
  package var classesInUse: (everybody: Set<BackendClass>, inside: Set<BackendClass>) {
    (
      Set(installed.services.values.map(\.backendClass)), Set(installed.insideServices.values.map(\.backendClass))
    )
  }

  /// Compares what touched addresses shall lead to with what the kernel holds.
  mutating func settle(_ touched: Set<ServiceAddress>, _ delta: inout ServiceDelta) {
    for address in touched.sorted() {
      let wanted = owner(of: address)?.entries(at: address) ?? PortState.Entries()
      let formerIDs = [installed.services[address]?.id, installed.insideServices[address]?.id]
      Self.settle(address, wanted.everybody, &installed.services[address], &delta.services)
      Self.settle(address, wanted.inside, &installed.insideServices[address], &delta.insideServices)
      Self.settle(address, wanted.rangeGroup, &installed.guarded[address], &delta.guardedAddresses)
      guard address.transport == .udp, [wanted.everybody?.id, wanted.inside?.id] != formerIDs else { continue }
      delta.changedFlowAddresses.insert(address)
      delta.addressesWithStaleFlows.insert(address)
    }
    delta.changedFlowAddresses.formUnion(delta.addressesWithStaleFlows)
  }

  private static func settle<Value: Equatable & Sendable>(
    _ address: ServiceAddress, _ wanted: Value?, _ installed: inout Value?,
    _ change: inout MapChange<ServiceAddress, Value>
  ) {
    guard wanted != installed else { return }
    if installed != nil { change.removed.append(address) }
    if let wanted { change.added.append((address, wanted)) }
    installed = wanted
  }

  /// Who may use the load balancer's addresses. A node within the ranges may come with such an address as its source,
  /// where it holds it itself.
  mutating func updateRanges(
    of name: ObjectName, _ service: ServiceModel?, _ ports: [ServicePort], _ delta: inout ServiceDelta
  ) {
    let guarded = ports.flatMap(\.guardedAddresses).sorted()
    var wanted = Set((service?.loadBalancerSourceRanges ?? []).filter { $0.family == configuration.family })
    if guarded.isEmpty { wanted = [] }
    if wanted.contains(where: { block in place.addresses.contains { block.contains($0) } }) {
      wanted.formUnion(guarded.map { CIDR(host: $0.address) })
    }
    wanted = SourceRange.disjoint(wanted)
    var known = ranges[name]
    if known == nil {
      guard !wanted.isEmpty else { return }
      known = adopted?.takeRanges(guarding: guarded)
    }
    var current = known ?? (nextID, [])
    if known == nil { nextID += 1 }
    for block in current.blocks.subtracting(wanted).sorted() {
      delta.sourceRanges.removed.append(SourceRange(group: current.group, block: block))
    }
    for block in wanted.subtracting(current.blocks).sorted() {
      delta.sourceRanges.added.append(SourceRange(group: current.group, block: block))
    }
    current.blocks = wanted
    ranges[name] = wanted.isEmpty ? nil : current
  }
}
