/// An IPv4 or IPv6 address. Bytes are kept in network order, so ordering and masking work the same for both families.
package struct IPAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
  package enum Family: UInt8, Hashable, Sendable, CaseIterable {
    case v4 = 4
    case v6 = 6

    /// Number of bits in an address of the family: 32 or 128.
    package var bits: Int { self == .v4 ? 32 : 128 }
    /// Kubernetes' word for the family, as in `Service.spec.ipFamilies`.
    package var kubernetesName: String { self == .v4 ? "IPv4" : "IPv6" }
  }

  // In two halves, and the family behind them: a node knows hundreds of thousands of addresses and endpoints, and as one
  // number, which is aligned to its 16 bytes, an address would take 32 bytes instead of 24 and an endpoint 48.
  private let high: UInt64
  private let low: UInt64
  package let family: Family

  package init(family: Family, value: UInt128) {
    self.family = family
    high = family == .v4 ? 0 : UInt64(truncatingIfNeeded: value >> 64)
    low = UInt64(truncatingIfNeeded: family == .v4 ? value & 0xffff_ffff : value)
  }

  /// The address as a number: the low 32 bits hold an IPv4 address.
  package var value: UInt128 { UInt128(high) << 64 | UInt128(low) }

  package init(v4 a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
    self.init(family: .v4, value: UInt128(a) << 24 | UInt128(b) << 16 | UInt128(c) << 8 | UInt128(d))
  }

  /// Four or sixteen bytes in network order; `nil` for any other count.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    self.init(
      family: bytes.count == 4 ? .v4 : .v6, value: bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) })
  }

  /// The address in network order: 4 or 16 bytes.
  package var bytes: [UInt8] {
    let count = family.bits / 8
    return (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt128(8 * (count - 1 - $0))) }
  }

  package static func < (left: IPAddress, right: IPAddress) -> Bool {
    (left.family.rawValue, left.high, left.low) < (right.family.rawValue, right.high, right.low)
  }

  /// The address `offset` places further; wraps within the family.
  package func advanced(by offset: UInt128) -> IPAddress { IPAddress(family: family, value: value &+ offset) }

  package var isLoopback: Bool { family == .v4 ? value >> 24 == 127 : value == 1 }
  package var isUnspecified: Bool { value == 0 }
  package var isLinkLocal: Bool { family == .v4 ? value >> 16 == 0xa9fe : value >> 118 == 0x3fa }
  package var isMulticast: Bool { family == .v4 ? value >> 28 == 0xe : value >> 120 == 0xff }
}

extension IPAddress {
  /// Parses dotted decimal without leading zeros (as Go's `netip` does) or RFC 4291 text; zones are refused.
  package init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    if bytes.contains(UInt8(ascii: ":")) {
      guard let value = Self.parseV6(bytes[...]) else { return nil }
      self.init(family: .v6, value: value)
    } else {
      guard let value = Self.parseV4(bytes[...]) else { return nil }
      self.init(family: .v4, value: UInt128(value))
    }
  }

  private static func parseV4(_ text: ArraySlice<UInt8>) -> UInt32? {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var value: UInt32 = 0
    for part in parts {
      guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
      var number: UInt32 = 0
      for digit in part {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
        number = number * 10 + UInt32(digit - UInt8(ascii: "0"))
      }
      guard number <= 255 else { return nil }
      value = value << 8 | number
    }
    return value
  }

  private static func parseV6(_ text: ArraySlice<UInt8>) -> UInt128? {
    let colon = UInt8(ascii: ":")
    var head: [UInt16] = []
    var tail: [UInt16]?
    var rest = text
    if rest.starts(with: [colon, colon]) {
      tail = []
      rest = rest.dropFirst(2)
    }
    while !rest.isEmpty {
      let end = rest.firstIndex(of: colon) ?? rest.endIndex
      let group = rest[rest.startIndex..<end]
      var words: [UInt16] = []
      if group.contains(UInt8(ascii: ".")) {
        guard end == rest.endIndex, let v4 = parseV4(group) else { return nil }
        words = [UInt16(v4 >> 16), UInt16(truncatingIfNeeded: v4)]
      } else {
        guard (1...4).contains(group.count), let word = hexadecimal(group) else { return nil }
        words = [word]
      }
      if tail == nil { head += words } else { tail! += words }
      rest = rest[end...]
      guard !rest.isEmpty else { break }
      rest = rest.dropFirst()
      if rest.first == colon {
        guard tail == nil else { return nil }
        tail = []
        rest = rest.dropFirst()
      } else if rest.isEmpty {
        return nil
      }
    }
    let count = head.count + (tail?.count ?? 0)
    guard tail == nil ? count == 8 : count <= 7 else { return nil }
    let groups = head + Array(repeating: 0, count: 8 - count) + (tail ?? [])
    return groups.reduce(UInt128(0)) { $0 << 16 | UInt128($1) }
  }

  private static func hexadecimal(_ text: ArraySlice<UInt8>) -> UInt16? {
    var value: UInt16 = 0
    for character in text {
      let digit: UInt8
      switch character {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = character - UInt8(ascii: "A") + 10
      default: return nil
      }
      value = value << 4 | UInt16(digit)
    }
    return value
  }

  /// Canonical text: dotted decimal, or RFC 5952.
  package var description: String {
    if family == .v4 { return bytes.map(String.init).joined(separator: ".") }
    let groups = (0..<8).map { UInt16(truncatingIfNeeded: value >> UInt128(16 * (7 - $0))) }
    var best = 0..<0
    var start = 0
    while start < 8 {
      guard groups[start] == 0 else {
        start += 1
        continue
      }
      var end = start
      while end < 8, groups[end] == 0 { end += 1 }
      if end - start > best.count { best = start..<end }
      start = end
    }
    let text = { (range: Range<Int>) in range.map { String(groups[$0], radix: 16) }.joined(separator: ":") }
    return best.count < 2 ? text(0..<8) : text(0..<best.lowerBound) + "::" + text(best.upperBound..<8)
  }
}
