/// One number for many samples, by nearest rank: always a value that was measured.
enum Statistic: Sendable {
  case median
  case percentile99

  /// `nil` without samples.
  func of(_ samples: [Double]) -> Double? {
    guard !samples.isEmpty else { return nil }
    let rank = Int((share * Double(samples.count)).rounded(.up))
    return samples.sorted()[max(1, rank) - 1]
  }

  private var share: Double {
    switch self {
    case .median: 0.5
    case .percentile99: 0.99
    }
  }

  var name: String {
    switch self {
    case .median: "p50"
    case .percentile99: "p99"
    }
  }
}
