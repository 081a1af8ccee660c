import APIClient
import JSONTree
import KubernetesAPI
import NetworkTypes
import Synchronization

/// Which Service has which load balancer address: what the Services' statuses say, and what was written there and the
/// informer has not shown yet. Nothing else is kept.
final class AddressUse: Sendable {
  private struct Write {
    let uid: String
    let version: Int
    let addresses: [IPAddress]
  }

  private let services: Informer
  private let writes = Mutex<[ObjectName: Write]>([:])
  private static let index = "load-balancer-address"

  init(_ services: Informer) {
    self.services = services
    services.addIndex(Self.index) { service in LoadBalancerPlan.addresses(of: service).map { "\($0)" } }
  }

  /// Takes down what was written into a Service's status.
  func record(_ service: JSON) {
    let write = Write(
      uid: service.uid, version: Int(service.resourceVersion) ?? 0,
      addresses: LoadBalancerPlan.addresses(of: service))
    writes.withLock { $0[service.objectName] = write }
  }

  /// Whether what was written for a Service has been shown. Deciding before would decide on its former state.
  func isSettled(_ name: ObjectName) -> Bool { openWrites[name] == nil }

  /// Whether another Service than `service` has the address. Of two that have it, the one that was made first, or else
  /// is first by name, keeps it.
  func isTaken(_ address: IPAddress, from service: JSON) -> Bool {
    let isOurs = LoadBalancerPlan.addresses(of: service).contains(address)
    let rank = { (service: JSON) in (service.creationTimestamp ?? "", service.objectName) }
    for other in services.list(index: Self.index, key: "\(address)") where other.objectName != service.objectName {
      if !isOurs || rank(other) < rank(service) { return true }
    }
    return openWrites.contains { $0.key != service.objectName && $0.value.addresses.contains(address) }
  }

  /// The writes that are not shown yet; others are forgotten. A Service that is not there has gone since.
  private var openWrites: [ObjectName: Write] {
    writes.withLock { writes in
      guard !writes.isEmpty else { return [:] }
      writes = writes.filter { name, write in
        guard let shown = services.get(name), shown.uid == write.uid else { return false }
        return Int(shown.resourceVersion) ?? 0 < write.version
      }
      return writes
    }
  }
}
