/// What became of a figure. A figure beyond its bound is said, and fails nothing: only what could not be measured does.
enum Verdict: Sendable, Equatable {
  case within
  case over
  /// There is no bound.
  case unbounded
  case notMeasured

  init(_ figure: Figure, _ samples: SampleSet) {
    guard let value = figure.value(in: samples) else {
      self = .notMeasured
      return
    }
    switch figure.limit(in: samples) {
    case .unbounded: self = .unbounded
    case .unknown: self = .notMeasured
    case .atMost(let limit): self = value <= limit ? .within : .over
    case .atLeast(let limit): self = value >= limit ? .within : .over
    }
  }

  var text: String {
    switch self {
    case .within: "ok"
    case .over: "MISSED"
    case .unbounded: ""
    case .notMeasured: "NOT MEASURED"
    }
  }
}

extension Figure {
  func value(in samples: SampleSet) -> Double? { statistic.of(samples[series]) }

  /// The bound in numbers.
  enum Limit {
    case atMost(Double)
    case atLeast(Double)
    /// What it is relative to was not measured.
    case unknown
    case unbounded
  }

  func limit(in samples: SampleSet) -> Limit {
    switch bound {
    case .none: .unbounded
    case .atMost(let limit): .atMost(limit)
    case .atLeast(let limit): .atLeast(limit)
    case .times(let factor, let series): statistic.of(samples[series]).map { Limit.atMost(factor * $0) } ?? .unknown
    case .atLeastTimes(let factor, let series):
      statistic.of(samples[series]).map { Limit.atLeast(factor * $0) } ?? .unknown
    }
  }
}
