package import JSONTree

/// An amount of a resource: `500m`, `1Gi`, `2e3`. Exact to a billionth, as upstream keeps it; finer amounts round away
/// from zero, larger ones than 2^63-1 are capped.
package struct Quantity: Sendable, CustomStringConvertible {
  /// How the amount was written, and is written again.
  package enum Format: Hashable, Sendable { case decimalSI, binarySI, decimalExponent }

  /// Billionths.
  package private(set) var nanos: Int128
  package private(set) var format: Format

  static let limit = Int128(Int64.max) * 1_000_000_000
  package static let zero = Quantity(0)

  package init(nanos: Int128, format: Format = .decimalSI) {
    self.nanos = min(max(nanos, -Self.limit), Self.limit)
    self.format = format
  }

  package init(_ value: Int64, format: Format = .decimalSI) {
    self.init(nanos: Int128(value) * 1_000_000_000, format: format)
  }

  package init(milli: Int64, format: Format = .decimalSI) {
    self.init(nanos: Int128(milli) * 1_000_000, format: format)
  }

  /// From a string or a number of a manifest.
  package init(json: JSON) throws(KubernetesAPIError) {
    switch json {
    case .string(let text): try self.init(text)
    case .int(let number): self.init(number)
    case .double: try self.init(json.description)
    default: throw Self.malformed
    }
  }

  /// Whole units, rounded away from zero.
  package var value: Int64 { scaled(by: 1_000_000_000) }
  /// Thousandths, rounded away from zero.
  package var milliValue: Int64 { scaled(by: 1_000_000) }
  package var isZero: Bool { nanos == 0 }
  package var isNegative: Bool { nanos < 0 }

  private func scaled(by unit: Int128) -> Int64 {
    let (quotient, remainder) = nanos.quotientAndRemainder(dividingBy: unit)
    return Int64(clamping: quotient + remainder.signum())
  }

  static let malformed = KubernetesAPIError(
    .invalidValue,
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
}

extension Quantity: Comparable, Hashable {
  /// Equal amounts are equal however they are written.
  package static func == (left: Quantity, right: Quantity) -> Bool { left.nanos == right.nanos }
  package static func < (left: Quantity, right: Quantity) -> Bool { left.nanos < right.nanos }
  package func hash(into hasher: inout Hasher) { hasher.combine(nanos) }
}

extension Quantity {
  /// The sum, written as the left side is (as the right one is where the left is zero).
  package static func + (left: Quantity, right: Quantity) -> Quantity {
    Quantity(nanos: left.nanos + right.nanos, format: left.isZero ? right.format : left.format)
  }

  package static func - (left: Quantity, right: Quantity) -> Quantity {
    Quantity(nanos: left.nanos - right.nanos, format: left.isZero ? right.format : left.format)
  }

  package static func += (left: inout Quantity, right: Quantity) { left = left + right }
  package static func -= (left: inout Quantity, right: Quantity) { left = left - right }
  package static prefix func - (quantity: Quantity) -> Quantity {
    Quantity(nanos: -quantity.nanos, format: quantity.format)
  }
}
