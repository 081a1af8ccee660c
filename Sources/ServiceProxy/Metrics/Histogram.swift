/// Counts of observations below each of some bounds, as Prometheus has them.
struct Histogram: Hashable, Sendable {
  /// Ascending, in seconds.
  let bounds: [Double]
  /// Observations up to each bound and above the one before; the last counts those above all.
  private(set) var counts: [Int]
  private(set) var sum = 0.0

  init(bounds: [Double]) {
    self.bounds = bounds
    counts = [Int](repeating: 0, count: bounds.count + 1)
  }

  /// 0.001 s, and each bound twice the one before.
  static let ofSync = Histogram(bounds: (0..<15).map { 0.001 * Double(1 << $0) })
  /// Fine up to a minute, coarse up to five.
  static let ofProgramming = Histogram(
    bounds: [0.25, 0.5] + (1...59).map(Double.init) + (0..<12).map { 60 + 5 * Double($0) }
      + (0..<7).map { 120 + 30 * Double($0) })

  var total: Int { counts.reduce(0, +) }

  mutating func observe(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    let value = Double(seconds) + Double(attoseconds) / 1e18
    counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
    sum += value
  }
}
