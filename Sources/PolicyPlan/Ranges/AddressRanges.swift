package import NetworkTypes

/// Addresses of one family as ranges: sorted, none touching another.
package struct AddressRanges: Hashable, Sendable {
  package let family: IPAddress.Family
  package private(set) var ranges: [ClosedRange<UInt128>]

  package init(_ family: IPAddress.Family) {
    self.family = family
    ranges = []
  }

  /// The addresses of `block` that are in none of `exceptions`; none at all where the block is of another family.
  package init(_ family: IPAddress.Family, _ block: CIDR, except exceptions: [CIDR] = []) {
    self.family = family
    guard block.family == family else {
      ranges = []
      return
    }
    var rest = [block.base.value...block.last.value]
    for exception in exceptions where exception.family == family {
      rest = rest.flatMap { Self.subtract(exception.base.value...exception.last.value, from: $0) }
    }
    ranges = rest
  }

  package var isEmpty: Bool { ranges.isEmpty }

  package func contains(_ address: IPAddress) -> Bool {
    address.family == family && ranges.contains { $0.contains(address.value) }
  }

  /// What any of them has; all are of the same family. Costs n log n, not n times that.
  package init(_ family: IPAddress.Family, unionOf parts: [AddressRanges]) {
    precondition(parts.allSatisfy { $0.family == family }, "addresses of two families do not mix")
    self.family = family
    ranges = parts.flatMap(\.ranges).merged()
  }

  private static func subtract(
    _ hole: ClosedRange<UInt128>, from range: ClosedRange<UInt128>
  ) -> [ClosedRange<UInt128>] {
    guard hole.overlaps(range) else { return [range] }
    var rest: [ClosedRange<UInt128>] = []
    if range.lowerBound < hole.lowerBound { rest.append(range.lowerBound...(hole.lowerBound - 1)) }
    if hole.upperBound < range.upperBound { rest.append((hole.upperBound + 1)...range.upperBound) }
    return rest
  }
}

extension Array {
  /// Sorted, with those joined that overlap or touch.
  func merged<Bound: FixedWidthInteger>() -> [ClosedRange<Bound>] where Element == ClosedRange<Bound> {
    var result: [ClosedRange<Bound>] = []
    for range in sorted(by: { $0.lowerBound < $1.lowerBound }) {
      // The first range that touches nothing before it: `last + 1` may not overflow.
      if let last = result.last, last.upperBound == .max || range.lowerBound <= last.upperBound + 1 {
        result[result.count - 1] = last.lowerBound...Swift.max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }
}
