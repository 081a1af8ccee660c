/// The samples of a run as a table for people.
struct ReportTable {
  let samples: SampleSet
  let figures: [Figure]

  init(_ samples: SampleSet, figures: [Figure] = Figures.all) {
    self.samples = samples
    self.figures = figures
  }

  var isComplete: Bool { !figures.contains { Verdict($0, samples) == .notMeasured } }

  var text: String {
    let head = ["FIGURE", "", "SAMPLES", "MEASURED", "BOUND", "", "COMPARED WITH"]
    let rows = [head] + figures.map(row)
    let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (index, cell) in row.enumerated() {
        let blanks = String(repeating: " ", count: widths[index] - cell.count)
        // Numbers stand to the right.
        let column = (2...4).contains(index) ? blanks + cell : cell + blanks
        line += index == row.count - 1 ? cell : column + "  "
      }
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }

  private func row(_ figure: Figure) -> [String] {
    let count = samples[figure.series].count
    return [
      figure.title, count == 1 ? "" : figure.statistic.name, "\(count)",
      figure.value(in: samples).map(figure.unit.text) ?? "-", bound(figure), Verdict(figure, samples).text,
      figure.peers.map { text($0, figure) }.joined(separator: "; "),
    ]
  }

  private func bound(_ figure: Figure) -> String {
    switch figure.bound {
    case .atMost(let limit): figure.unit.text(limit)
    case .atLeast(let limit): ">= " + figure.unit.text(limit)
    case .times(let factor, let series): times(factor, series, figure)
    case .atLeastTimes(let factor, let series): ">= " + times(factor, series, figure)
    case .none: "-"
    }
  }

  private func times(_ factor: Double, _ series: Series, _ figure: Figure) -> String {
    "\(Figure.Unit.fixed(factor, places: 1))x"
      + (figure.statistic.of(samples[series]).map { " = " + figure.unit.text(factor * $0) } ?? "")
  }

  private func text(_ peer: Figure.Peer, _ figure: Figure) -> String {
    switch peer {
    case .stated(let words): return "(\(words))"
    case .measured(let words, let series):
      guard let value = figure.statistic.of(samples[series]) else { return "\(words): not measured" }
      let text = "\(words) \(figure.unit.text(value))"
      guard let own = figure.value(in: samples), value > 0 else { return text }
      return "\(text): \(Figure.Unit.fixed(own / value, places: 2))x"
    }
  }
}
