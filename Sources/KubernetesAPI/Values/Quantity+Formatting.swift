extension Quantity {
  /// Canonical text: no fraction, the largest suffix that loses nothing.
  package var description: String {
    if format == .binarySI, abs(nanos) >= 1024 * Self.billion, nanos % Self.billion == 0 { return binaryText }
    return decimalText
  }

  private static let billion: Int128 = 1_000_000_000

  private var decimalText: String {
    guard nanos != 0 else { return "0" }
    var number = nanos
    var power = -9
    while number % 10 == 0 {
      number /= 10
      power += 1
    }
    while power % 3 != 0 {
      number *= 10
      power -= 1
    }
    if format == .decimalExponent { return power == 0 ? "\(number)" : "\(number)e\(power)" }
    while power > 18 {
      number *= 1000
      power -= 3
    }
    let suffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
    return "\(number)\(suffixes[(power + 9) / 3])"
  }

  private var binaryText: String {
    var number = nanos / Self.billion
    var step = 0
    while number % 1024 == 0, step < 6 {
      number /= 1024
      step += 1
    }
    return "\(number)\(["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][step])"
  }
}
