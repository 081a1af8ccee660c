package import NetworkTypes

/// Chooses addresses, round robin. It keeps no leases: what is in use is asked of whoever knows.
package struct AddressPool: Sendable {
  /// How long a freed address rests: peers may hold connections and answers that name it.
  package let rest: Duration
  private var cursors: [CIDR: UInt128] = [:]
  private var freed: [IPAddress: ContinuousClock.Instant] = [:]

  package init(rest: Duration = .seconds(120)) { self.rest = rest }

  /// The next free address of a block.
  ///
  /// The first and the last address of a block are left out. Addresses freed a short while ago come only when nothing
  /// else is left, those that have rested longest first.
  /// - Returns: `nil` where every address is taken.
  package mutating func next(
    in block: CIDR, now: ContinuousClock.Instant, isTaken: (IPAddress) -> Bool
  ) -> IPAddress? {
    freed = freed.filter { now - $0.value < rest }
    let usable = Self.usable(block)
    let start = cursors[block] ?? 0
    var fallback: (address: IPAddress, freed: ContinuousClock.Instant)?
    for step in 0..<usable {
      let offset = (start + step) % usable
      let address = block.base.advanced(by: offset + 1)
      if isTaken(address) { continue }
      if let time = freed[address] {
        if fallback == nil || time < fallback!.freed { fallback = (address, time) }
        continue
      }
      cursors[block] = (offset + 1) % usable
      return address
    }
    return fallback?.address
  }

  package mutating func release(_ address: IPAddress, now: ContinuousClock.Instant) { freed[address] = now }

  /// Goes on behind an address that is in use, as after a restart.
  package mutating func advance(in block: CIDR, past address: IPAddress) {
    guard block.contains(address), address > block.base else { return }
    cursors[block] = max(cursors[block] ?? 0, (address.value - block.base.value) % Self.usable(block))
  }

  /// How many addresses of a block pods may have. Of a large block the first 65,535 are enough.
  package static func usable(_ block: CIDR) -> UInt128 { min(block.count > 2 ? block.count - 2 : 1, 65_535) }
}
