import NetworkTypes

/// Names under `in-addr.arpa` (RFC 1035, 3.5) and `ip6.arpa` (RFC 3596, 2.5).
enum ReverseName {
  /// The address, or the block where labels are missing; `nil` for a name that stands for neither.
  static func block(_ labels: [String]) -> CIDR? {
    switch labels.suffix(2) {
    case ["in-addr", "arpa"]:
      let numbers = labels.dropLast(2).reversed().map { $0.utf8.count <= 3 ? UInt8($0) : nil }
      return block(numbers, width: 4, bits: 8, radix: 10, labels: labels)
    case ["ip6", "arpa"]:
      let numbers = labels.dropLast(2).reversed().map { $0.utf8.count == 1 ? UInt8($0, radix: 16) : nil }
      return block(numbers, width: 32, bits: 4, radix: 16, labels: labels)
    default: return nil
    }
  }

  private static func block(_ numbers: [UInt8?], width: Int, bits: Int, radix: Int, labels: [String]) -> CIDR? {
    guard (1...width).contains(numbers.count) else { return nil }
    var value: UInt128 = 0
    for (number, label) in zip(numbers, labels.dropLast(2).reversed()) {
      guard let number, String(number, radix: radix) == label else { return nil }
      value = value << UInt128(bits) | UInt128(number)
    }
    value <<= UInt128(bits * (width - numbers.count))
    return CIDR(IPAddress(family: width == 4 ? .v4 : .v6, value: value), prefixLength: bits * numbers.count)
  }
}
