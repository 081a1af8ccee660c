extension Duration {
  /// The short text of an age in tables: `45s`, `5m3s`, `2d4h`; the steps are upstream's.
  package var ageText: String {
    let seconds = components.seconds
    let isNegative = self < .zero
    if seconds < -1 { return "<invalid>" }
    if isNegative { return "0s" }
    func pair(_ large: Int64, _ unit: String, _ small: Int64, _ smallUnit: String) -> String {
      small == 0 ? "\(large)\(unit)" : "\(large)\(unit)\(small)\(smallUnit)"
    }
    let minutes = seconds / 60
    let hours = seconds / 3600
    let days = hours / 24
    switch seconds {
    case ..<120: return "\(seconds)s"
    case ..<600: return pair(minutes, "m", seconds % 60, "s")
    case ..<10_800: return "\(minutes)m"
    case ..<28_800: return pair(hours, "h", minutes % 60, "m")
    case ..<172_800: return "\(hours)h"
    case ..<691_200: return pair(days, "d", hours % 24, "h")
    case ..<63_072_000: return "\(days)d"
    case ..<252_288_000: return pair(days / 365, "y", days % 365, "d")
    default: return "\(days / 365)y"
    }
  }
}
