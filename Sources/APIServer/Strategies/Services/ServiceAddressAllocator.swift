import JSONTree
import KubernetesAPI
package import NetworkTypes
import Synchronization

/// Gives cluster addresses to Services, out of every range that is ready.
///
/// What is taken is read from the Services and from the IPAddress objects of others; nothing else is stored.
package final class ServiceAddressAllocator: Sendable {
  /// Of the cluster's Services, the primary one first.
  package let families: [IPAddress.Family]
  private let pool: Mutex<ServiceAddressPool>

  package convenience init(families: [IPAddress.Family]) { self.init(families, ServiceAddressPool()) }

  private init(_ families: [IPAddress.Family], _ pool: ServiceAddressPool) {
    self.families = families
    self.pool = Mutex(pool)
  }

  /// For a dry run: it begins as this one is, and what it gives nobody loses.
  func copy() -> ServiceAddressAllocator { ServiceAddressAllocator(families, pool.withLock { $0 }) }

  /// Follows the ranges and the IPAddress objects from now on: a range that has just come is used in its first moment.
  func follow(ranges: ResourceCache, objects: ResourceCache) throws(APIStatus) {
    ranges.observe { [self] change in
      // The server has decoded it before it came here.
      guard let range = try? change.object.tree() else { return }
      let blocks = change.isDeletion ? [] : Self.blocks(of: range)
      pool.withLock { $0.setRange(range.name, blocks) }
    }
    for object in ranges.view.objects {
      let range = try object.tree()
      pool.withLock { $0.setRange(range.name, Self.blocks(of: range)) }
    }
    objects.observe { [self] change in
      // What is kept for Services goes with them, or makes way for somebody's reservation.
      guard change.isDeletion, !ServiceAddressObjects.isOwn(change.object),
        let address = IPAddress(change.object.name.name)
      else { return }
      pool.withLock { $0.endReservation(address) }
    }
    for object in objects.view.objects where !ServiceAddressObjects.isOwn(object) {
      if let address = IPAddress(object.name.name) { pool.withLock { $0.keep(address) } }
    }
  }

  /// The blocks to take from: a range that says nothing of being ready is, one that is on its way out is not.
  private static func blocks(of range: JSON) -> [CIDR] {
    let isReady = range.condition("Ready").map { $0["status"] == "True" } ?? true
    guard isReady, !range.isTerminating else { return [] }
    return (range.spec["cidrs"]?.items ?? []).compactMap { $0.string.flatMap { CIDR($0) } }
  }

  func adopt(_ addresses: [IPAddress]) {
    pool.withLock { pool in
      for address in addresses { pool.mark(address) }
    }
  }

  func release(_ addresses: some Sequence<IPAddress> & Sendable) {
    pool.withLock { pool in
      for address in addresses { pool.release(address) }
    }
  }

  /// Takes an address for an IPAddress object, wherever it lies; false where it is taken.
  func reserve(_ address: IPAddress) -> Bool { pool.withLock { $0.reserve(address) } }

  func endReservation(_ address: IPAddress) { pool.withLock { $0.endReservation(address) } }

  /// Takes a particular address.
  func take(_ address: IPAddress) throws(ServiceAddressPool.Refusal) {
    try pool.withLock { pool throws(ServiceAddressPool.Refusal) in try pool.take(address) }
  }

  /// Takes a free address.
  func takeAny(_ family: IPAddress.Family) throws(ServiceAddressPool.Refusal) -> IPAddress {
    try pool.withLock { pool throws(ServiceAddressPool.Refusal) in
      var generator = SystemRandomNumberGenerator()
      return try pool.takeAny(family, using: &generator)
    }
  }
}
