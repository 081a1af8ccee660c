/// One number for many samples, by nearest rank: always a value that was measured.
enum Statistic: Sendable {
  case percentile5
  case median
  case percentile95
  case percentile99

  /// `nil` without samples.
  func of(_ samples: [Double]) -> Double? {
    guard !samples.isEmpty else { return nil }
    let rank = Int((share * Double(samples.count)).rounded(.up))
    return samples.sorted()[max(1, rank) - 1]
  }

  private var share: Double {
    switch self {
    case .percentile5: 0.05
    case .median: 0.5
    case .percentile95: 0.95
    case .percentile99: 0.99
    }
  }

  var name: String {
    switch self {
    case .percentile5: "p5"
    case .median: "p50"
    case .percentile95: "p95"
    case .percentile99: "p99"
    }
  }
}
