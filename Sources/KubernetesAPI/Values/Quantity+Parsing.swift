extension Quantity {
  /// Parses Kubernetes' quantity syntax; the messages are upstream's.
  package init(_ text: String) throws(KubernetesAPIError) {
    let bytes = Array(text.utf8)
    var index = 0
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative || bytes.first == UInt8(ascii: "+") { index += 1 }
    let whole = Self.digits(bytes, &index)
    var fraction: [UInt8] = []
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      index += 1
      fraction = Self.digits(bytes, &index)
    }
    guard !whole.isEmpty || !fraction.isEmpty else {
      throw index < bytes.count || bytes.isEmpty ? Self.malformed : Self.badNumber
    }
    let suffix = String(decoding: bytes[index...], as: UTF8.self)
    guard let scale = Self.scale(of: suffix) else { throw Self.badSuffix }
    let nanos = Self.nanos(
      digits: whole + fraction, point: whole.count + scale.power10, multiplier: scale.multiplier)
    self.init(nanos: isNegative ? -nanos : nanos, format: scale.format)
  }

  private static let badNumber = KubernetesAPIError(.invalidValue, "unable to parse numeric part of quantity")
  private static let badSuffix = KubernetesAPIError(.invalidValue, "unable to parse quantity's suffix")

  private static func digits(_ bytes: [UInt8], _ index: inout Int) -> [UInt8] {
    let start = index
    while index < bytes.count, bytes[index].isDigit { index += 1 }
    return bytes[start..<index].map { $0 - UInt8(ascii: "0") }
  }

  private static func scale(of suffix: String) -> (power10: Int, multiplier: UInt128, format: Format)? {
    switch suffix {
    case "n": return (-9, 1, .decimalSI)
    case "u": return (-6, 1, .decimalSI)
    case "m": return (-3, 1, .decimalSI)
    case "": return (0, 1, .decimalSI)
    case "k": return (3, 1, .decimalSI)
    case "M": return (6, 1, .decimalSI)
    case "G": return (9, 1, .decimalSI)
    case "T": return (12, 1, .decimalSI)
    case "P": return (15, 1, .decimalSI)
    case "E": return (18, 1, .decimalSI)
    case "Ki": return (0, 1 << 10, .binarySI)
    case "Mi": return (0, 1 << 20, .binarySI)
    case "Gi": return (0, 1 << 30, .binarySI)
    case "Ti": return (0, 1 << 40, .binarySI)
    case "Pi": return (0, 1 << 50, .binarySI)
    case "Ei": return (0, 1 << 60, .binarySI)
    default:
      guard suffix.first == "e" || suffix.first == "E" else { return nil }
      let number = suffix.dropFirst()
      guard number.utf8.count <= 10, let power = Int(number) else { return nil }
      return (power, 1, .decimalExponent)
    }
  }

  /// The digits with the decimal point behind `point` of them, times `multiplier`, in billionths, rounded up.
  /// More than 19 fractional digits cannot change the result but by rounding it up.
  private static func nanos(digits: [UInt8], point: Int, multiplier: UInt128) -> Int128 {
    guard let first = digits.firstIndex(where: { $0 != 0 }) else { return 0 }
    guard point - first <= 19 else { return limit }
    var whole: UInt128 = 0
    var fraction: UInt128 = 0
    var fractionUnit: UInt128 = 1
    var isInexact = false
    // Places before the point, counted from the left; a negative one lies behind it.
    for place in min(first, point)..<max(digits.count, point) {
      let digit = digits.indices.contains(place) ? UInt128(digits[place]) : 0
      if place < point {
        whole = whole * 10 + digit
      } else if place - point < 19 {
        fraction = fraction * 10 + digit
        fractionUnit *= 10
      } else if digit != 0 {
        isInexact = true
        break
      } else if place - point > 64 + digits.count {
        break
      }
    }
    // Whole * multiplier fits: 10^19 * 2^60 < 2^128; the product with a billion is done after the cap.
    let units = whole * multiplier
    guard units <= UInt128(Int64.max) else { return limit }
    let billion: UInt128 = 1_000_000_000
    // Fraction * multiplier < 10^19 * 2^60; its billionths are taken apart so that nothing overflows.
    let (fractionUnits, rest) = (fraction * multiplier).quotientAndRemainder(dividingBy: fractionUnit)
    let (nanos, remainder) = (rest * billion).quotientAndRemainder(dividingBy: fractionUnit)
    let total = (units + fractionUnits) * billion + nanos + (remainder > 0 || isInexact ? 1 : 0)
    return min(Int128(total), limit)
  }
}
