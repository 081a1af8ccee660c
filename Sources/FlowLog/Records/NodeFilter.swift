internal import ClusterModel
internal import NetworkTypes

/// A filter as one node applies it, which lets through what may be the other half of a flow that is asked for: this node
/// may see the endpoint where the other saw the Service, a node's address where the other saw the pod, and nothing wrong
/// where the other dropped.
struct NodeFilter: Sendable {
  private let filter: FlowFilter
  /// Endpoints of the Services that are asked for, by name or by address.
  private let endpoints: Set<IPAddress>
  /// The cluster when it was asked.
  private let snapshot: ClusterSnapshot

  init(_ filter: FlowFilter, _ names: FlowNames) {
    self.filter = filter
    switch filter.target?.party {
    case .service(let name): endpoints = names.endpoints(of: name)
    case .block(let block): endpoints = names.endpoints(ofServicesIn: block)
    default: endpoints = []
    }
    snapshot = names.snapshot
  }

  func takes(_ record: FlowRecord) -> Bool {
    if filter.onlyDropped, record.status != .dropped, record.isAnswered { return false }
    return (filter.isFrom(record) || snapshot.node(at: record.source.address) != nil)
      && (filter.isTo(record) || endpoints.contains(record.target.address))
  }
}
