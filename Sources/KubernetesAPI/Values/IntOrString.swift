package import JSONTree

/// A number, or a text such as `25%` or a port's name.
package enum IntOrString: Hashable, Sendable, CustomStringConvertible {
  case int(Int)
  case string(String)

  /// `nil` for anything but a whole number or a string.
  package init?(json: JSON?) {
    switch json {
    case .string(let text)?: self = .string(text)
    case let value?:
      guard let number = value.int.flatMap(Int.init(exactly:)) else { return nil }
      self = .int(number)
    case nil: return nil
    }
  }

  package var json: JSON {
    switch self {
    case .int(let number): .int(Int64(number))
    case .string(let text): .string(text)
    }
  }

  package var description: String {
    switch self {
    case .int(let number): "\(number)"
    case .string(let text): text
    }
  }

  /// The number itself, or the percentage of `total`, rounded up or down.
  package func scaled(of total: Int, roundingUp: Bool) throws(KubernetesAPIError) -> Int {
    switch self {
    case .int(let number): return number
    case .string(let text):
      guard text.hasSuffix("%") else {
        throw KubernetesAPIError(
          .invalidValue, "invalid value for IntOrString: invalid type: string is not a percentage")
      }
      guard let percent = Int(text.dropLast()), percent.magnitude <= 1 << 31 else {
        throw KubernetesAPIError(.invalidValue, "invalid value for IntOrString: invalid value \(text.goQuoted)")
      }
      let product = percent * total
      let (quotient, remainder) = product.quotientAndRemainder(dividingBy: 100)
      if remainder == 0 { return quotient }
      return roundingUp ? quotient + (product > 0 ? 1 : 0) : quotient - (product < 0 ? 1 : 0)
    }
  }
}
