/// A line of the report: what was measured, what it is held against, and where its bound lies.
struct Figure: Sendable {
  /// What limits a figure.
  enum Bound: Sendable {
    /// In the unit of the series.
    case atMost(Double)
    case atLeast(Double)
    /// At most so many times the same statistic of another series of the same run.
    case times(Double, Series)
    case atLeastTimes(Double, Series)
    case none
  }

  /// Something to hold a figure against.
  enum Peer: Sendable {
    /// The same statistic of another series of this run.
    case measured(String, Series)
    /// What others measured, in other runs: for orientation only.
    case stated(String)
  }

  enum Unit: Sendable {
    case milliseconds, seconds, microseconds, megabytes, perSecond, megabitsPerSecond, percent, number

    /// With as many places as the bounds need.
    func text(_ value: Double) -> String {
      switch self {
      case .milliseconds: "\(Self.fixed(value, places: value < 10 ? 2 : value < 100 ? 1 : 0)) ms"
      case .seconds: "\(Self.fixed(value / 1000, places: 2)) s"
      case .microseconds: "\(Self.fixed(value, places: value < 10 ? 1 : 0)) us"
      case .perSecond: "\(Self.fixed(value, places: 0)) /s"
      case .megabitsPerSecond: "\(Self.fixed(value, places: 0)) Mbit/s"
      case .percent: "\(Self.fixed(value, places: 1)) %"
      case .number: Self.fixed(value, places: 0)
      case .megabytes: "\(Self.fixed(value, places: 1)) MB"
      }
    }

    static func fixed(_ value: Double, places: Int) -> String {
      var scale = 1.0
      for _ in 0..<places { scale *= 10 }
      let number = Int((abs(value) * scale).rounded())
      let sign = value < 0 && number > 0 ? "-" : ""
      guard places > 0 else { return "\(sign)\(number)" }
      let digits = String(number)
      let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
      return "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
    }
  }

  let title: String
  let series: Series
  var statistic = Statistic.median
  let unit: Unit
  let peers: [Peer]
  let bound: Bound
}
