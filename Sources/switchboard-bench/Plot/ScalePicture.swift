/// How Services behave as they become many: what takes how long, and what a connection through one costs.
struct ScalePicture {
  private let times: PlotPanel
  private let ratios: PlotPanel

  /// kube-proxy's figures, of other runs: 1,000 and 10,000 Services.
  private static let others = [(1000.0, 194.0), (10_000, 3983)]
  private static let othersFirst = [(10_000.0, 11_300.0)]

  init(_ samples: SampleSet) throws {
    func curve(
      _ name: String, _ ink: Curve.Ink, side: Curve.Side = .above, _ value: (ServiceScale) throws -> Double
    ) throws -> Curve {
      let points = try ServiceScale.allCases.map { scale in
        let value = try value(scale)
        return Curve.Point(
          services: Double(scale.rawValue), value: value,
          text: ink == .ratio ? "\(Figure.Unit.fixed(value, places: 2))×" : Self.duration(value))
      }
      return Curve(name: name, ink: ink, points: points, side: side)
    }
    func others(_ name: String, _ points: [(Double, Double)]) -> Curve {
      Curve(
        name: name, ink: .others,
        points: points.map { Curve.Point(services: $0, value: $1, text: Self.duration($1)) }, isNamedBehind: false)
    }
    func statistic(_ statistic: Statistic, _ series: Series) throws -> Double {
      guard let value = statistic.of(samples[series]), value > 0 else {
        throw BenchError(.malformed, "there are no samples of \(series.rawValue) to draw")
      }
      return value
    }
    times = PlotPanel(
      title: "Time until a change is in force", services: Self.services(from: 70, to: 450),
      values: LogAxis(
        ticks: [(0.1, "0.1 ms"), (1, "1 ms"), (10, "10 ms"), (100, "100 ms"), (1000, "1 s"), (10_000, "10 s")].map {
          LogAxis.Tick(value: $0, text: $1)
        }, values: (0.1, 20_000), places: (370, 60)),
      curves: [
        try curve("first programming", .programming) { try statistic(.median, $0.programming) },
        try curve("slice write to connection, p99", .tail, side: .below) {
          try statistic(.percentile99, $0.toConnection)
        },
        try curve("slice write to connection, p50", .median) { try statistic(.median, $0.toConnection) },
        others("kube-proxy, slice write to connection", Self.others),
        others("kube-proxy, first programming", Self.othersFirst),
      ])
    ratios = PlotPanel(
      title: "Connections: ClusterIP against bare", services: Self.services(from: 680, to: 970),
      values: LogAxis(
        ticks: [(0.5, "0.5×"), (1, "1×"), (2, "2×"), (4, "4×"), (8, "8×")].map { LogAxis.Tick(value: $0, text: $1) },
        values: (0.5, 8), places: (370, 60)),
      curves: [
        try curve("", .ratio, side: .outside) { try statistic(.median, $0.connection) / 100 }
      ])
  }

  private static func services(from first: Double, to last: Double) -> LogAxis {
    LogAxis(
      ticks: ServiceScale.allCases.map { LogAxis.Tick(value: Double($0.rawValue), text: $0.text) },
      values: (70, 45_000), places: (first, last))
  }

  /// Of so many milliseconds.
  private static func duration(_ value: Double) -> String {
    value < 1000
      ? Figure.Unit.milliseconds.text(value)
      : "\(Figure.Unit.fixed(value / 1000, places: value < 10_000 ? 2 : 1)) s"
  }

  /// Has a ground of its own, so that it can be read whatever page it stands on.
  var svg: String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 430" width="1000" height="430" role="img"
      aria-label="Times and costs of Services by their number, on logarithmic axes">
    <style>
    text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #24292f }
    .ground { fill: #ffffff; stroke: #d0d7de }
    .grid { stroke: #d8dee4; fill: none }
    .title { font-size: 14px; font-weight: 600 }
    .tick { fill: #57606a }
    .value { font-size: 11px }
    .middle { text-anchor: middle }
    .end { text-anchor: end }
    .line { fill: none; stroke-width: 2 }
    .line.tail { stroke-dasharray: 6 4 }
    .line.others { stroke-dasharray: 2 4 }
    .line.median, .line.tail { stroke: #0969da }
    .dot.median, .dot.tail, text.median, text.tail { fill: #0969da }
    .line.programming { stroke: #1a7f37 }
    .dot.programming, text.programming { fill: #1a7f37 }
    .line.ratio { stroke: #8250df }
    .dot.ratio, text.ratio { fill: #8250df }
    .line.others { stroke: #bc4c00 }
    .dot.others, text.others { fill: #bc4c00 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .ground { fill: #0d1117; stroke: #30363d }
      .grid { stroke: #30363d }
      .tick { fill: #9198a1 }
      .line.median, .line.tail { stroke: #58a6ff }
      .dot.median, .dot.tail, text.median, text.tail { fill: #58a6ff }
      .line.programming { stroke: #3fb950 }
      .dot.programming, text.programming { fill: #3fb950 }
      .line.ratio { stroke: #bc8cff }
      .dot.ratio, text.ratio { fill: #bc8cff }
      .line.others { stroke: #f0883e }
      .dot.others, text.others { fill: #f0883e }
    }
    </style>
    <rect class="ground" x="0.5" y="0.5" width="999" height="429" rx="6"/>
    \(times.svg)\(ratios.svg)</svg>

    """
  }
}
