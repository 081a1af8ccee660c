internal import NetworkTypes

/// A set of endpoints that an id stands for in the kernel.
struct Backend: Sendable {
  let id: UInt32
  /// The position is the slot's number.
  var endpoints: [SocketEndpoint] = []
  /// In the kernel's set of endpoints that clients may stay with; empty without affinity.
  var affinityEndpoints: Set<SocketEndpoint> = []
}

/// A Service port in force.
struct PortState: Sendable {
  var port: ServicePort
  /// One for each scope its addresses make use of.
  var backends: [EndpointScope: Backend] = [:]
  /// The source ranges of its Service, where it has any.
  var rangeGroup: UInt32?

  /// What the kernel is to hold for one address.
  struct Entries: Sendable {
    var everybody: ServiceEntry?
    var inside: ServiceEntry?
    var rangeGroup: UInt32?
  }

  func entries(at address: ServiceAddress) -> Entries {
    let rangeGroup = port.guardedAddresses.contains(address) ? rangeGroup : nil
    switch port.addresses[address] {
    case .inside(let scope): return Entries(everybody: entry(scope), rangeGroup: rangeGroup)
    case .outside(.cluster):
      return Entries(everybody: entry(.cluster, isMasqueraded: true), rangeGroup: rangeGroup)
    case .outside(.local):
      return Entries(everybody: entry(.local), inside: entry(.cluster), rangeGroup: rangeGroup)
    case nil: return Entries()
    }
  }

  func entry(_ scope: EndpointScope, isMasqueraded: Bool = false) -> ServiceEntry? {
    guard let backend = backends[scope] else { return nil }
    var backendClass = BackendClass(
      endpointCount: backend.endpoints.count, affinitySeconds: port.affinitySeconds)
    if backend.endpoints.isEmpty, scope == .local, port.endpoints.hasAny { backendClass = .dropping }
    return ServiceEntry(backendClass, id: backend.id, isMasqueraded: isMasqueraded)
  }

  /// Who may answer flows that clients of a scope have opened.
  func answerers(_ scope: EndpointScope) -> Set<SocketEndpoint> {
    guard let backend = backends[scope] else { return [] }
    return port.endpoints[scope].others.union(backend.endpoints)
  }
}
