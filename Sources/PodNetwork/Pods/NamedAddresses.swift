package import ClusterModel
internal import HashTreeCollections
package import NetworkTypes

/// Addresses that the API still names, by a pod that has not finished or by an EndpointSlice: giving one of them to
/// another pod would send it strangers' traffic.
package struct NamedAddresses: Sendable {
  private var counts: [IPAddress: Int] = [:]
  private var former = ClusterSnapshot()

  package init() {}

  package func contains(_ address: IPAddress) -> Bool { counts[address] != nil }

  /// Takes in what differs from the snapshot before.
  package mutating func update(_ snapshot: ClusterSnapshot, _ change: ClusterChange) {
    for name in change.pods {
      for address in former.pods[name]?.addresses ?? [] { count(address, -1) }
      for address in snapshot.pods[name]?.addresses ?? [] { count(address, 1) }
    }
    for name in change.services {
      for slice in former.endpointSlices(of: name) { for endpoint in slice.endpoints { count(endpoint.address, -1) } }
      for slice in snapshot.endpointSlices(of: name) { for endpoint in slice.endpoints { count(endpoint.address, 1) } }
    }
    former = snapshot
  }

  private mutating func count(_ address: IPAddress, _ step: Int) {
    let value = counts[address, default: 0] + step
    counts[address] = value == 0 ? nil : value
  }
}
