import JSONTree
import NIOConcurrencyHelpers
package import NetworkTypes

/// Gives cluster addresses to Services. What is in use is read from the Services themselves; nothing else is stored.
package final class ServiceAddressAllocator: Sendable {
  package let range: CIDR
  private let used = NIOLockedValueBox<Set<IPAddress>>([])

  package init(range: CIDR) { self.range = range }

  func adopt(_ service: JSON) { settle(service, instead: [:]) }

  func release(_ service: JSON) { settle([:], instead: service) }

  /// Gives back what only `dropped` holds. What both hold is never free in between.
  func settle(_ kept: JSON, instead dropped: JSON) {
    let (kept, dropped) = (Self.addresses(of: kept), Self.addresses(of: dropped))
    used.withLockedValue { used in
      used.subtract(dropped)
      used.formUnion(kept)
    }
  }

  /// Takes a particular address; false where it is taken.
  func take(_ address: IPAddress) -> Bool { used.withLockedValue { $0.insert(address).inserted } }

  /// Takes a free address: from the upper band of the range first, so that the lower one stays for addresses people ask
  /// for (upstream's KEP-3070). `nil` where the range is full.
  func takeAny() -> IPAddress? {
    let size = range.count
    let band = min(max(size / 16, 16), 256)
    return used.withLockedValue { used in
      if size > band + 2, let found = Self.free(range, band..<(size - 1), used) ?? Self.free(range, 1..<band, used) {
        used.insert(found)
        return found
      }
      guard size <= band + 2, let found = Self.free(range, 1..<(size - 1), used) else { return nil }
      used.insert(found)
      return found
    }
  }

  private static func free(_ range: CIDR, _ offsets: Range<UInt128>, _ used: Set<IPAddress>) -> IPAddress? {
    for _ in 0..<16 {
      let address = range.base.advanced(by: UInt128.random(in: offsets))
      if !used.contains(address) { return address }
    }
    let start = UInt128.random(in: offsets)
    let length = offsets.upperBound - offsets.lowerBound
    // Nearly full: look at every address once, from a random one on.
    for step in 0..<min(length, 1 << 22) {
      let offset = offsets.lowerBound + (start - offsets.lowerBound + step) % length
      let address = range.base.advanced(by: offset)
      if !used.contains(address) { return address }
    }
    return nil
  }

  private static func addresses(of service: JSON) -> Set<IPAddress> {
    var texts = (service[path: "spec", "clusterIPs"]?.items ?? []).compactMap(\.string)
    if let first = service[path: "spec", "clusterIP"]?.string { texts.append(first) }
    return Set(texts.compactMap { IPAddress($0) })
  }
}
