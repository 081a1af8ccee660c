/// An address block such as `10.244.0.0/16`. The base address is always masked.
package struct CIDR: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let base: IPAddress
  package let prefixLength: Int

  /// `nil` when the prefix is longer than the family's address. Host bits of `address` are cleared.
  package init?(_ address: IPAddress, prefixLength: Int) {
    guard (0...address.family.bits).contains(prefixLength) else { return nil }
    self.prefixLength = prefixLength
    base = IPAddress(
      family: address.family, value: address.value & Self.mask(prefixLength, bits: address.family.bits))
  }

  /// Parses `ADDRESS/LENGTH`.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPAddress(parts[0]), (1...3).contains(parts[1].utf8.count),
      parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(parts[1]),
      String(length) == parts[1]
    else { return nil }
    self.init(address, prefixLength: length)
  }

  /// The block that holds just `address`: a /32 or a /128.
  package init(host address: IPAddress) {
    base = address
    prefixLength = address.family.bits
  }

  package var family: IPAddress.Family { base.family }
  package var description: String { "\(base)/\(prefixLength)" }
  /// The last address of the block.
  package var last: IPAddress {
    let hostBits = family.bits - prefixLength
    return IPAddress(family: family, value: base.value | (hostBits == 128 ? .max : (1 << UInt128(hostBits)) - 1))
  }
  /// Number of addresses; saturates for ::/0.
  package var count: UInt128 {
    let hostBits = family.bits - prefixLength
    return hostBits == 128 ? .max : 1 << UInt128(hostBits)
  }

  package func contains(_ address: IPAddress) -> Bool {
    address.family == family && address.value & Self.mask(prefixLength, bits: family.bits) == base.value
  }
  package func contains(_ other: CIDR) -> Bool { other.prefixLength >= prefixLength && contains(other.base) }
  package func overlaps(_ other: CIDR) -> Bool { contains(other) || other.contains(self) }

  /// The `index`th sub-block of the given length, or `nil` where there is none.
  package func subnet(_ index: UInt128, prefixLength length: Int) -> CIDR? {
    guard length >= prefixLength, length <= family.bits else { return nil }
    let places = length - prefixLength
    guard places == 128 || index < (1 << UInt128(places)) else { return nil }
    return CIDR(base.advanced(by: index << UInt128(family.bits - length)), prefixLength: length)
  }

  package static func < (left: CIDR, right: CIDR) -> Bool {
    left.base == right.base ? left.prefixLength < right.prefixLength : left.base < right.base
  }

  private static func mask(_ length: Int, bits: Int) -> UInt128 {
    if length == 0 { return 0 }
    let full: UInt128 = bits == 128 ? .max : (1 << UInt128(bits)) - 1
    return full & ~(length == bits ? 0 : (1 << UInt128(bits - length)) - 1)
  }
}
