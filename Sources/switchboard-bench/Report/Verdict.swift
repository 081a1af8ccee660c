/// What became of a figure. A figure over its bound is said, and fails nothing: only what could not be measured does.
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
    switch figure.bound {
    case .none: self = .unbounded
    case .atMost(let limit): self = value <= limit ? .within : .over
    case .times(let factor, let series):
      guard let floor = figure.statistic.of(samples[series]) else {
        self = .notMeasured
        return
      }
      self = value <= factor * floor ? .within : .over
    }
  }

  var text: String {
    switch self {
    case .within: "ok"
    case .over: "OVER"
    case .unbounded: ""
    case .notMeasured: "NOT MEASURED"
    }
  }
}

extension Figure {
  func value(in samples: SampleSet) -> Double? { statistic.of(samples[series]) }
}
