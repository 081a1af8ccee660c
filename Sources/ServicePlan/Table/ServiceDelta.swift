package import ClusterModel
package import NetworkTypes

/// The element operations that lead from what the kernel holds to what it shall hold. All of them take effect together.
package struct ServiceDelta: Sendable {
  package var services = MapChange<ServiceAddress, ServiceEntry>()
  package var insideServices = MapChange<ServiceAddress, ServiceEntry>()
  package var guardedAddresses = MapChange<ServiceAddress, UInt32>()
  package var sourceRanges = SetChange<SourceRange>()
  package var slots = MapChange<ServiceSlot, SocketEndpoint>()
  package var affinityEndpoints = SetChange<AffinityEndpoint>()
  package var localEndpoints = SetChange<IPAddress>()
  package var exemptAddresses = SetChange<IPAddress>()
  /// Set where what is known of this node has changed.
  package var node: NodeFacts?
  /// UDP addresses whose flows may now have other endpoints than before.
  package var changedFlowAddresses: Set<ServiceAddress> = []
  /// UDP addresses some of whose flows may now lead to an endpoint that is none any more.
  package var addressesWithStaleFlows: Set<ServiceAddress> = []

  package init() {}

  package var elementCount: Int {
    services.count + insideServices.count + guardedAddresses.count + sourceRanges.count + slots.count
      + affinityEndpoints.count + localEndpoints.count + exemptAddresses.count
  }

  package var isEmpty: Bool {
    elementCount == 0 && node == nil && addressesWithStaleFlows.isEmpty && changedFlowAddresses.isEmpty
  }
}

/// What the rules need to know about the node they are on.
package struct NodeFacts: Hashable, Sendable {
  /// Blocks this node's pods have their addresses from.
  package let podBlocks: [CIDR]
  package let addresses: [IPAddress]
  /// The blocks Services have their addresses from: what belongs to none is refused there.
  package let serviceBlocks: [CIDR]

  package init(podBlocks: [CIDR] = [], addresses: [IPAddress] = [], serviceBlocks: [CIDR] = []) {
    self.podBlocks = podBlocks
    self.addresses = addresses
    self.serviceBlocks = serviceBlocks
  }

  /// The node's primary address.
  package var sourceAddress: IPAddress? { addresses.first }
}
