internal import ClusterModel
internal import HashTreeCollections
internal import NetworkTypes

/// A filter as one node applies it, which lets through what may be the other half of a flow that is asked for: this node
/// may see the endpoint where the other saw the Service, a node's address where the other saw the pod, and nothing wrong
/// where the other dropped.
struct NodeFilter: Sendable {
  private let filter: FlowFilter

  init(_ filter: FlowFilter) { self.filter = filter }

  /// - Parameter snapshot: the cluster as it is by now.
  func takes(_ record: FlowRecord, _ snapshot: ClusterSnapshot) -> Bool {
    if filter.onlyDropped, record.status != .dropped, record.isAnswered { return false }
    return (filter.isFrom(record) || snapshot.node(at: record.source.address) != nil)
      && (filter.isTo(record) || isOfTarget(record.target.address, snapshot))
  }

  /// Whether it is an endpoint of a Service that is asked for, by name or by address.
  private func isOfTarget(_ address: IPAddress, _ snapshot: ClusterSnapshot) -> Bool {
    let services = snapshot.endpointSlices(at: address).lazy.compactMap(\.service)
    switch filter.target?.party {
    case .service(let name): return services.contains(name)
    case .block(let block):
      return services.contains { snapshot.services[$0]?.addresses.contains(where: block.contains) == true }
    default: return false
    }
  }
}
