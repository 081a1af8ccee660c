/// A page in Prometheus' text format, version 0.0.4.
struct MetricsPage {
  enum Kind: String {
    case counter
    case gauge
    case histogram
  }

  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private(set) var text = ""
  private var name = ""
  private var kind = Kind.gauge

  /// Begins a metric; the samples that follow are its own.
  mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    self.kind = kind
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  mutating func add(_ value: Double, _ labels: [(String, String)] = []) { line(name, labels, value) }

  /// - Parameter counts: Of each bucket alone; the last is that of everything beyond the bounds.
  mutating func add(bounds: [Double], counts: [UInt64], sum: Double, _ labels: [(String, String)]) {
    var total: UInt64 = 0
    for (bound, count) in zip(bounds, counts) {
      total += count
      line("\(name)_bucket", labels + [("le", Self.text(bound))], Double(total))
    }
    total += counts.last ?? 0
    line("\(name)_bucket", labels + [("le", "+Inf")], Double(total))
    line("\(name)_sum", labels, sum)
    line("\(name)_count", labels, Double(total))
  }

  private mutating func line(_ name: String, _ labels: [(String, String)], _ value: Double) {
    text += name
    if !labels.isEmpty {
      text += "{" + labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",") + "}"
    }
    text += " \(Self.text(value))\n"
  }

  private static func text(_ value: Double) -> String {
    Int64(exactly: value).map(String.init) ?? "\(value)"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
