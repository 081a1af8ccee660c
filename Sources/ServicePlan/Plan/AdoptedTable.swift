internal import ClusterModel
internal import NetworkTypes

/// What was found in the kernel at start, ordered so that Service ports can take over what is theirs.
struct AdoptedTable: Sendable {
  private let table: ServiceTable
  private var slots: [UInt32: [UInt32: SocketEndpoint]] = [:]
  private var affinityEndpoints: [UInt32: Set<SocketEndpoint>] = [:]
  private var ranges: [UInt32: Set<CIDR>] = [:]
  private var untaken: Set<UInt32> = []
  private var untakenGroups: Set<UInt32> = []
  var exemptAddresses: Set<IPAddress> { table.exemptAddresses }
  var localEndpoints: Set<IPAddress> { table.localEndpoints }
  let highestID: UInt32

  init(_ table: ServiceTable) {
    self.table = table
    for (slot, endpoint) in table.slots { slots[slot.id, default: [:]][slot.number] = endpoint }
    for member in table.affinityEndpoints { affinityEndpoints[member.id, default: []].insert(member.endpoint) }
    for range in table.sourceRanges { ranges[range.group, default: []].insert(range.block) }
    let entries = [table.services, table.insideServices]
    untaken = Set(entries.flatMap(\.values).map(\.id)).union(slots.keys).union(affinityEndpoints.keys)
    untakenGroups = Set(ranges.keys).union(table.guardedAddresses.values)
    highestID = untaken.union(untakenGroups).max() ?? 0
  }

  /// The kernel's state behind those of the port's addresses that lead to the scope's endpoints, once.
  mutating func takeBackend(for port: ServicePort, _ scope: EndpointScope) -> Backend? {
    let ids = port.addresses.sorted { $0.key < $1.key }.compactMap { address, reach in
      switch reach {
      case .outside(.local) where scope == .cluster: table.insideServices[address]?.id
      default: reach.scopes.first == scope ? table.services[address]?.id : nil
      }
    }
    guard let id = ids.first(where: { untaken.contains($0) }) else { return nil }
    untaken.remove(id)
    var backend = Backend(id: id)
    var found = slots.removeValue(forKey: id) ?? [:]
    var endpoints: Set<SocketEndpoint> = []
    while let endpoint = found.removeValue(forKey: UInt32(backend.endpoints.count)) {
      // The same endpoint twice, or a gap, is no state of ours: the rest is left to be removed.
      guard endpoints.insert(endpoint).inserted else {
        found[UInt32(backend.endpoints.count)] = endpoint
        break
      }
      backend.endpoints.append(endpoint)
    }
    if !found.isEmpty { slots[id] = found }
    backend.affinityEndpoints = affinityEndpoints.removeValue(forKey: id) ?? []
    return backend
  }

  /// The source ranges that guard one of the addresses, once.
  mutating func takeRanges(guarding addresses: [ServiceAddress]) -> (group: UInt32, blocks: Set<CIDR>)? {
    let groups = addresses.compactMap { table.guardedAddresses[$0] }
    guard let group = groups.first(where: { untakenGroups.contains($0) }) else { return nil }
    untakenGroups.remove(group)
    return (group, ranges.removeValue(forKey: group) ?? [])
  }

  /// Removes what nobody has taken.
  func leftovers(into delta: inout ServiceDelta) {
    let replaced = Set(delta.slots.removed)
    for (id, numbers) in slots.sorted(by: { $0.key < $1.key }) {
      for number in numbers.keys.sorted() {
        let slot = ServiceSlot(id: id, number: number)
        // A slot that was appended over a leftover of the same number is a change of value.
        if !replaced.contains(slot) { delta.slots.removed.append(slot) }
      }
    }
    for (id, endpoints) in affinityEndpoints.sorted(by: { $0.key < $1.key }) {
      for endpoint in endpoints.sorted() {
        delta.affinityEndpoints.removed.append(AffinityEndpoint(id: id, endpoint: endpoint))
      }
    }
    for (group, blocks) in ranges.sorted(by: { $0.key < $1.key }) {
      for block in blocks.sorted() { delta.sourceRanges.removed.append(SourceRange(group: group, block: block)) }
    }
  }
}
