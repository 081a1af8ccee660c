package import ClusterModel
internal import HashTreeCollections
package import NetworkTypes

/// Addresses in this node's blocks that the API still names, by a pod that has not finished or by an EndpointSlice: giving
/// one of them to another pod would send it strangers' traffic.
package struct NamedAddresses: Sendable {
  private var counts: [IPAddress: Int] = [:]
  private var former = ClusterSnapshot()
  private var blocks: [CIDR] = []

  package init() {}

  package func contains(_ address: IPAddress) -> Bool { counts[address] != nil }

  /// Takes in what differs from the snapshot before.
  /// - Parameter blocks: where the node's pods have their addresses from; of others nothing is kept.
  package mutating func update(_ snapshot: ClusterSnapshot, _ change: ClusterChange, in blocks: [CIDR]) {
    if blocks == self.blocks {
      for name in change.pods { count(former.pods[name], snapshot.pods[name]) }
      for name in change.services { count(former.slices[name], snapshot.slices[name]) }
    } else {
      self.blocks = blocks
      counts = [:]
      for pod in snapshot.pods.values { count(nil, pod) }
      for slices in snapshot.slices.values { count(nil, slices) }
    }
    former = snapshot
  }

  private mutating func count(_ former: PodModel?, _ pod: PodModel?) {
    for address in former?.addresses ?? [] { count(address, -1) }
    for address in pod?.addresses ?? [] { count(address, 1) }
  }

  private mutating func count(
    _ former: TreeDictionary<String, EndpointSliceModel>?, _ slices: TreeDictionary<String, EndpointSliceModel>?
  ) {
    for slice in (former ?? [:]).values { for endpoint in slice.endpoints { count(endpoint.address, -1) } }
    for slice in (slices ?? [:]).values { for endpoint in slice.endpoints { count(endpoint.address, 1) } }
  }

  private mutating func count(_ address: IPAddress, _ step: Int) {
    guard blocks.contains(where: { $0.contains(address) }) else { return }
    let value = counts[address, default: 0] + step
    counts[address] = value == 0 ? nil : value
  }
}
