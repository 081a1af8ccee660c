internal import ClusterModel
package import NetworkTypes

/// What stands for a Service address in the kernel.
package struct ServiceEntry: Hashable, Sendable {
  package let backendClass: BackendClass
  /// Names a set of endpoints of the Service port. Addresses that lead to the same set share it. Never reused while a
  /// process lives.
  package let id: UInt32
  /// Clients appear to the endpoints with the node's address.
  package let isMasqueraded: Bool

  package init(_ backendClass: BackendClass, id: UInt32, isMasqueraded: Bool = false) {
    self.backendClass = backendClass
    self.id = id
    self.isMasqueraded = isMasqueraded
  }
}

/// A place among a Service port's endpoints.
package struct ServiceSlot: Hashable, Sendable {
  package let id: UInt32
  /// 0 up to the number of endpoints.
  package let number: UInt32

  package init(id: UInt32, number: UInt32) {
    self.id = id
    self.number = number
  }
}

/// An endpoint that clients of a Service port with affinity may stay with.
package struct AffinityEndpoint: Hashable, Sendable {
  package let id: UInt32
  package let endpoint: SocketEndpoint

  package init(id: UInt32, endpoint: SocketEndpoint) {
    self.id = id
    self.endpoint = endpoint
  }
}

/// All elements of the kernel's Service maps and sets, as one value.
package struct ServiceTable: Hashable, Sendable {
  package var services: [ServiceAddress: ServiceEntry] = [:]
  /// What stands instead for clients on this node, where others are to reach its own endpoints only.
  package var insideServices: [ServiceAddress: ServiceEntry] = [:]
  /// Addresses that only clients from a group of source ranges may use.
  package var guardedAddresses: [ServiceAddress: UInt32] = [:]
  package var sourceRanges: Set<SourceRange> = []
  package var slots: [ServiceSlot: SocketEndpoint] = [:]
  package var affinityEndpoints: Set<AffinityEndpoint> = []
  /// Addresses of endpoints on this node: what returns from them passes here anyway, and they may call themselves.
  package var localEndpoints: Set<IPAddress> = []
  /// Addresses inside the Service blocks that something else answers for.
  package var exemptAddresses: Set<IPAddress> = []
  /// The source an endpoint sees when it reaches itself through its Service.
  package var nodeAddress: IPAddress?

  package init() {}
}

extension ServiceTable {
  /// Takes a delta in, as the kernel would. For tests and for checking what is in force.
  package mutating func apply(_ delta: ServiceDelta) {
    for key in delta.services.removed { services.removeValue(forKey: key) }
    for (key, value) in delta.services.added { services[key] = value }
    for key in delta.insideServices.removed { insideServices.removeValue(forKey: key) }
    for (key, value) in delta.insideServices.added { insideServices[key] = value }
    for key in delta.guardedAddresses.removed { guardedAddresses.removeValue(forKey: key) }
    for (key, value) in delta.guardedAddresses.added { guardedAddresses[key] = value }
    sourceRanges.subtract(delta.sourceRanges.removed)
    sourceRanges.formUnion(delta.sourceRanges.added)
    for key in delta.slots.removed { slots.removeValue(forKey: key) }
    for (key, value) in delta.slots.added { slots[key] = value }
    affinityEndpoints.subtract(delta.affinityEndpoints.removed)
    affinityEndpoints.formUnion(delta.affinityEndpoints.added)
    localEndpoints.subtract(delta.localEndpoints.removed)
    localEndpoints.formUnion(delta.localEndpoints.added)
    exemptAddresses.subtract(delta.exemptAddresses.removed)
    exemptAddresses.formUnion(delta.exemptAddresses.added)
    if let change = delta.node { nodeAddress = change.sourceAddress }
  }
}
