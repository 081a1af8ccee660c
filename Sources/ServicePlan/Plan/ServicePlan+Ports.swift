internal import ClusterModel
internal import NetworkTypes

/// Service ports as they come, change and go.
extension ServicePlan {
  mutating func put(
    _ port: ServicePort, rangeGroup: UInt32?, _ touched: inout Set<ServiceAddress>, _ delta: inout ServiceDelta
  ) {
    let before = ports[port.name]
    var state = before ?? PortState(port: port)
    updateClaims(of: port.name, from: before?.port.addresses ?? [:], to: port.addresses, &touched)
    state.port = port
    state.rangeGroup = rangeGroup
    for scope in EndpointScope.allCases {
      guard port.scopes.contains(scope) else {
        if var backend = state.backends.removeValue(forKey: scope) { retire(&backend, &delta) }
        continue
      }
      var backend = state.backends[scope] ?? newBackend(for: port, scope)
      updateSlots(of: &backend, port.endpoints[scope].chosen, &delta)
      updateAffinity(of: &backend, isOn: port.affinitySeconds > 0, &delta)
      state.backends[scope] = backend
    }
    ports[port.name] = state
    noteDropping(port.name, state)
    if before.map({ !$0.hasSameEntries(as: state) }) ?? true { touched.formUnion(port.addresses.keys) }
    if port.name.transport == .udp { noteFlows(before, state, &delta) }
  }

  mutating func remove(
    _ name: ServicePortName, _ touched: inout Set<ServiceAddress>, _ delta: inout ServiceDelta
  ) {
    guard let state = ports.removeValue(forKey: name) else { return }
    noteDropping(name, nil)
    updateClaims(of: name, from: state.port.addresses, to: [:], &touched)
    for var backend in state.backends.values { retire(&backend, &delta) }
  }

  private mutating func newBackend(for port: ServicePort, _ scope: EndpointScope) -> Backend {
    if let backend = adopted?.takeBackend(for: port, scope) {
      for endpoint in backend.endpoints { countLocal(endpoint.address, present: true) }
      return backend
    }
    defer { nextID += 1 }
    return Backend(id: nextID)
  }

  private mutating func retire(_ backend: inout Backend, _ delta: inout ServiceDelta) {
    updateSlots(of: &backend, [], &delta)
    updateAffinity(of: &backend, isOn: false, &delta)
  }

  private mutating func updateClaims(
    of name: ServicePortName, from former: [ServiceAddress: AddressReach], to wanted: [ServiceAddress: AddressReach],
    _ touched: inout Set<ServiceAddress>
  ) {
    guard former != wanted else { return }
    for (address, reach) in former where wanted[address] != reach {
      touched.insert(address)
      guard wanted[address] == nil else { continue }
      claims[address]?.removeAll { $0 == name }
      if claims[address]?.isEmpty == true { claims.removeValue(forKey: address) }
    }
    for address in wanted.keys where former[address] == nil {
      var claimants = claims[address] ?? []
      claimants.insert(name, at: claimants.firstIndex { $0 > name } ?? claimants.endIndex)
      claims[address] = claimants
      touched.insert(address)
    }
  }

  /// Leavers give their slot to the last; newcomers go to the end.
  private mutating func updateSlots(
    of backend: inout Backend, _ chosen: [SocketEndpoint], _ delta: inout ServiceDelta
  ) {
    let limit = BackendClass.maximumEndpoints
    let wanted = chosen.count > limit ? Array(chosen.prefix(limit)) : chosen
    let before = backend.endpoints
    guard before != wanted else { return }
    if before.isEmpty { return fill(&backend, wanted, &delta) }
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

  /// The first endpoints of a backend: it shares their storage with the choice until one of them leaves.
  private mutating func fill(_ backend: inout Backend, _ wanted: [SocketEndpoint], _ delta: inout ServiceDelta) {
    backend.endpoints = wanted
    for (number, endpoint) in wanted.enumerated() {
      countLocal(endpoint.address, present: true)
      delta.slots.added.append((ServiceSlot(id: backend.id, number: UInt32(number)), endpoint))
    }
  }

  private func updateAffinity(of backend: inout Backend, isOn: Bool, _ delta: inout ServiceDelta) {
    let wanted: Set<SocketEndpoint> = isOn ? Set(backend.endpoints) : []
    guard wanted != backend.affinityEndpoints else { return }
    for endpoint in backend.affinityEndpoints.subtracting(wanted).sorted() {
      delta.affinityEndpoints.removed.append(AffinityEndpoint(id: backend.id, endpoint: endpoint))
    }
    for endpoint in wanted.subtracting(backend.affinityEndpoints).sorted() {
      delta.affinityEndpoints.added.append(AffinityEndpoint(id: backend.id, endpoint: endpoint))
    }
    backend.affinityEndpoints = wanted
  }

  private mutating func noteDropping(_ name: ServicePortName, _ state: PortState?) {
    let isDropping = state?.entry(.local)?.backendClass.isDropping == true
    let reaches = isDropping ? Set(state?.port.addresses.values.map { $0 } ?? []) : []
    if reaches.contains(.inside(.local)) { droppingInside.insert(name) } else { droppingInside.remove(name) }
    if reaches.contains(.outside(.local)) { droppingOutside.insert(name) } else { droppingOutside.remove(name) }
  }

  /// Flows of a port that is new, or that has lost an endpoint, may lead where they should not.
  private func noteFlows(_ before: PortState?, _ state: PortState, _ delta: inout ServiceDelta) {
    var hasChanged = before?.port.addresses != state.port.addresses
    var hasLost = hasChanged
    for scope in EndpointScope.allCases {
      let (former, now) = (before?.answerers(scope) ?? [], state.answerers(scope))
      if former != now { hasChanged = true }
      if !former.isSubset(of: now) { hasLost = true }
    }
    if hasChanged { delta.changedFlowAddresses.formUnion(state.port.addresses.keys) }
    if hasLost { delta.addressesWithStaleFlows.formUnion(state.port.addresses.keys) }
  }
}

extension PortState {
  /// Whether the kernel holds the same for each address that both have.
  fileprivate func hasSameEntries(as other: PortState) -> Bool {
    entry(.cluster) == other.entry(.cluster) && entry(.local) == other.entry(.local)
      && rangeGroup == other.rangeGroup && port.guardedAddresses == other.port.guardedAddresses
  }
}
