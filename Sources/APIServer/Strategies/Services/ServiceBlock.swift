import NetworkTypes

/// A block of addresses for Services: which of them are given out, and which of these last (upstream's KEP-3070).
struct ServiceBlock: Sendable, Hashable {
  let cidr: CIDR
  /// All that may be asked for: not the network's own address, nor the last one of IPv4.
  let usable: ClosedRange<UInt128>
  /// What is given to whom names no address.
  let dynamic: ClosedRange<UInt128>
  /// At the beginning, for addresses that people ask for; given to others once the rest is taken. `nil` in small blocks.
  let fixed: ClosedRange<UInt128>?

  /// The largest blocks of IPv6, as upstream's.
  static let shortestPrefix = 64
  private static let smallestBand: UInt128 = 16
  private static let largestBand: UInt128 = 256

  /// `nil` where the block has no address to give.
  init?(_ cidr: CIDR) {
    if cidr.family == .v6, cidr.prefixLength < Self.shortestPrefix { return nil }
    let end = cidr.last.value
    // Nothing lies behind the only address of a block, and behind the last of all not even a number.
    guard cidr.base.value < end else { return nil }
    let first = cidr.base.value + 1
    let last = cidr.family == .v4 ? end - 1 : end
    guard first <= last else { return nil }
    self.cidr = cidr
    usable = first...last
    let band = cidr.count <= Self.smallestBand ? 0 : min(max(cidr.count / 16, Self.smallestBand), Self.largestBand)
    guard band > 0, first + band <= last else {
      (dynamic, fixed) = (usable, nil)
      return
    }
    (dynamic, fixed) = ((first + band)...last, first...(first + band - 1))
  }
}
