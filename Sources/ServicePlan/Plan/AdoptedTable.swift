internal import NetworkTypes

/// What was found in the kernel at start, ordered so that Service ports can take over what is theirs.
struct AdoptedTable: Sendable {
  private let entries: [ServiceAddress: ServiceEntry]
  private var slots: [UInt32: [UInt32: SocketEndpoint]] = [:]
  private var affinityEndpoints: [UInt32: Set<SocketEndpoint>] = [:]
  private var untaken: Set<UInt32> = []
  let exemptAddresses: Set<IPAddress>
  let localEndpoints: Set<IPAddress>
  let highestID: UInt32

  init(_ table: ServiceTable) {
    entries = table.services
    exemptAddresses = table.exemptAddresses
    localEndpoints = table.localEndpoints
    for (slot, endpoint) in table.slots { slots[slot.id, default: [:]][slot.number] = endpoint }
    for member in table.affinityEndpoints { affinityEndpoints[member.id, default: []].insert(member.endpoint) }
    untaken = Set(table.services.values.map(\.id)).union(slots.keys).union(affinityEndpoints.keys)
    highestID = untaken.max() ?? 0
  }

  /// The kernel's state behind one of the port's addresses, once.
  mutating func takeBackend(for port: ServicePort) -> ServicePlan.Backend? {
    let ids = port.addresses.compactMap { entries[$0]?.id }
    guard let id = ids.first(where: { untaken.contains($0) }) else { return nil }
    untaken.remove(id)
    var backend = ServicePlan.Backend(id: id)
    var found = slots.removeValue(forKey: id) ?? [:]
    while let endpoint = found.removeValue(forKey: UInt32(backend.endpoints.count)) {
      // The same endpoint twice, or a gap, is no state of ours: the rest is left to be removed.
      guard !backend.endpoints.contains(endpoint) else {
        found[UInt32(backend.endpoints.count)] = endpoint
        break
      }
      backend.endpoints.append(endpoint)
    }
    if !found.isEmpty { slots[id] = found }
    backend.affinityEndpoints = affinityEndpoints.removeValue(forKey: id) ?? []
    return backend
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
  }
}
