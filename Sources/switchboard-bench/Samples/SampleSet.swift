import JSONTree
import LinuxKernel

/// Samples by series. Measurements print theirs as JSON lines; the report adds up what all have printed.
struct SampleSet: Sendable, Equatable {
  private(set) var values: [Series: [Double]] = [:]

  subscript(_ series: Series) -> [Double] { values[series] ?? [] }

  mutating func add(_ series: Series, _ value: Double) { values[series, default: []].append(value) }

  mutating func add(_ series: Series, _ duration: Duration) { add(series, duration.milliseconds) }

  /// One line a series: `{"series":"pod-create-to-ready","values":[201.5,198.2]}`.
  var lines: String {
    Series.allCases.compactMap { series in
      guard let values = values[series] else { return nil }
      let line: JSON = ["series": .string(series.rawValue), "values": .array(values.map { .double($0) })]
      return "\(line)\n"
    }.joined()
  }

  /// Adds the lines of a file. Throws where one is not of ours.
  mutating func read(_ path: String) throws {
    for line in try KernelFile.text(path).split(separator: "\n") {
      let tree: JSON
      do {
        tree = try JSON.parse(Array(line.utf8))
      } catch {
        throw BenchError(.malformed, "\(path) has a line that is no JSON: \(line)", cause: error)
      }
      guard let series = tree["series"]?.string.flatMap(Series.init) else {
        throw BenchError(.malformed, "\(path) has a line of an unknown series: \(line)")
      }
      for value in tree["values"]?.items ?? [] {
        switch value {
        case .double(let number): add(series, number)
        case .int(let number): add(series, Double(number))
        default: throw BenchError(.malformed, "\(path) has a value that is no number: \(line)")
        }
      }
    }
  }
}

extension Duration {
  var milliseconds: Double { Double(components.seconds) * 1e3 + Double(components.attoseconds) / 1e15 }
}
