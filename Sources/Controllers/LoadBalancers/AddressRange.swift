package import NetworkTypes

/// Addresses from one to another of the same family, both included.
package struct AddressRange: Hashable, Sendable, CustomStringConvertible {
  package let first: IPAddress
  package let last: IPAddress

  /// `nil` where the two are of different families or out of order.
  package init?(_ first: IPAddress, _ last: IPAddress) {
    guard first.family == last.family, first <= last else { return nil }
    self.first = first
    self.last = last
  }

  package init(_ block: CIDR) {
    first = block.base
    last = block.last
  }

  /// Parses a block such as `192.0.2.32/27`, a range such as `192.0.2.32-192.0.2.63`, or a single address. A block has
  /// to begin where it says: host bits are a slip that would give away other addresses than were meant.
  package init?(_ text: some StringProtocol) {
    if let block = CIDR(text) {
      guard text.split(separator: "/").first.flatMap({ IPAddress($0) }) == block.base else { return nil }
      self.init(block)
    } else if let address = IPAddress(text) {
      self.init(address, address)
    } else {
      let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { $0.trimmed }
      guard ends.count == 2, let first = IPAddress(ends[0]), let last = IPAddress(ends[1]) else { return nil }
      self.init(first, last)
    }
  }

  package var family: IPAddress.Family { first.family }
  package var description: String { first == last ? "\(first)" : "\(first)-\(last)" }

  package func contains(_ address: IPAddress) -> Bool {
    address.family == family && first <= address && address <= last
  }

  func overlaps(_ other: AddressRange) -> Bool {
    family == other.family && first <= other.last && other.first <= last
  }

  /// What is left without the addresses of `other`: nothing, one range or two.
  func subtracting(_ other: AddressRange) -> [AddressRange] {
    guard overlaps(other) else { return [self] }
    var rest: [AddressRange] = []
    if first < other.first, let below = AddressRange(first, other.first.advanced(by: .max)) { rest.append(below) }
    if other.last < last, let above = AddressRange(other.last.advanced(by: 1), last) { rest.append(above) }
    return rest
  }

  /// The lowest address that is not taken. Asks about one more address at most than are taken.
  func firstFree(isTaken: (IPAddress) -> Bool) -> IPAddress? {
    var candidate = first
    while isTaken(candidate) {
      guard candidate < last else { return nil }
      candidate = candidate.advanced(by: 1)
    }
    return candidate
  }
}

extension StringProtocol {
  /// Without blanks at either end.
  var trimmed: String {
    var rest = self[...]
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return String(rest)
  }
}
