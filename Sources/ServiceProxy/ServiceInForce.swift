internal import ClusterModel
internal import HashTreeCollections
package import KubernetesAPI
package import NetworkTypes
package import ServicePlan

/// What this node's kernel does with traffic to one address of a Service.
package struct ServiceInForce: Hashable, Sendable {
  package enum Action: Hashable, Sendable {
    /// Each with the same chance; a client stays with its choice for so many seconds, 0: not at all.
    case balances([SocketEndpoint], affinitySeconds: Int)
    case refuses
    /// The traffic is kept on this node, which has no endpoint.
    case drops
    /// The kernel does not know the address: what the cluster says has not arrived yet, or another's has it.
    case ignores
  }

  package let address: ServiceAddress
  package let action: Action
  /// What it does instead for the node itself and its pods, where that differs.
  package let insideAction: Action?
}

extension ServiceProxy {
  /// What is in force for a Service on this node, by its addresses in order; `nil` where the node knows no such Service.
  /// It is read from the kernel, not from what was planned, and takes a listing of all Services: it is for people.
  package func inForce(_ name: ObjectName) throws -> [ServiceInForce]? {
    let snapshot = feed.snapshot
    guard let service = snapshot.services[name] else { return nil }
    var place = NodePlace(name: configuration.nodeName)
    return try configuration.families.sorted { $0.rawValue < $1.rawValue }.flatMap { family in
      place.addresses = snapshot.nodes[configuration.nodeName]?.addresses.filter { $0.family == family } ?? []
      let ports = ServicePort.ports(of: service, slices: [], node: place, configuration: planConfiguration(family))
      var kernel = try kernel(family)
      let table = try kernel.adopt() ?? ServiceTable()
      return ports.flatMap(\.addresses.keys).sorted().map { address in
        let inside = table.insideServices[address]
        return ServiceInForce(
          address: address, action: table.action(table.services[address]),
          insideAction: inside.map { table.action($0) })
      }
    }
  }
}

extension ServiceTable {
  fileprivate func action(_ entry: ServiceEntry?) -> ServiceInForce.Action {
    guard let entry else { return .ignores }
    if entry.backendClass.isDropping { return .drops }
    let endpoints = (0..<UInt32(entry.backendClass.endpointCount)).compactMap {
      slots[ServiceSlot(id: entry.id, number: $0)]
    }
    return endpoints.isEmpty
      ? .refuses : .balances(endpoints.sorted(), affinitySeconds: entry.backendClass.affinitySeconds)
  }
}
