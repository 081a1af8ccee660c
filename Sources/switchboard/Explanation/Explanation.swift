import Explain
import JSONTree

/// A packet's way with all its steps, and what comes of it.
struct Explanation: Sendable {
  enum Verdict: String, Sendable {
    case reachable
    case unreachable = "not reachable"
    case unknown

    var exitCode: Int32 {
      switch self {
      case .reachable: 0
      case .unreachable: 1
      case .unknown: 2
      }
    }

    init(_ steps: [ExplainStep]) {
      self =
        steps.contains { $0.outcome == .blocks }
        ? .unreachable : steps.contains { $0.outcome == .unknown } ? .unknown : .reachable
    }
  }

  /// The part of the way that differs between a Service's endpoints.
  struct Way: Sendable {
    let address: String
    let port: Int64
    let pod: String?
    let node: String?
    var steps: [ExplainStep]

    var verdict: Verdict { Verdict(steps) }
  }

  let source: String
  let target: String
  let transport: String
  let steps: [ExplainStep]
  var ways: [Way] = []
  var probe: ExplainStep?

  init(source: String, target: String, transport: String, steps: [ExplainStep]) {
    self.source = source
    self.target = target
    self.transport = transport
    self.steps = steps
  }

  /// Reachable where every endpoint is: a connection may be led to any.
  var verdict: Verdict {
    let common = Verdict(steps)
    guard common == .reachable, !ways.isEmpty else { return common == .reachable ? .unknown : common }
    return ways.contains { $0.verdict == .unreachable }
      ? .unreachable : ways.contains { $0.verdict == .unknown } ? .unknown : .reachable
  }

  var tree: JSON {
    var tree: JSON = [
      "from": .string(source), "to": .string(target), "protocol": .string(transport),
      "verdict": .string(verdict.rawValue), "steps": steps.tree,
    ]
    tree["ways"] = .array(
      ways.map { way in
        var part: JSON = [
          "address": .string(way.address), "port": .int(way.port), "verdict": .string(way.verdict.rawValue),
          "steps": way.steps.tree,
        ]
        if let pod = way.pod { part["pod"] = .string(pod) }
        if let node = way.node { part["node"] = .string(node) }
        return part
      })
    if let probe { tree["probe"] = probe.tree }
    return tree
  }

  var text: String {
    var lines = ["\(source) -> \(target) \(transport)"]
    lines += steps.map(Self.line)
    for way in ways {
      if ways.count > 1 || way.pod != nil {
        let where_ = way.node.map { " on node \($0)" } ?? ""
        lines.append("  to \(way.address):\(way.port)" + (way.pod.map { ", pod \($0)" } ?? "") + where_)
      }
      lines += way.steps.map(Self.line)
    }
    lines.append("\(verdict.rawValue)\(reason)")
    if let probe {
      lines.append("")
      lines.append("tried: \(probe.text)" + (agrees(probe) ? "" : "  <- not what was predicted"))
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private var reason: String {
    let failing = ways.filter { $0.verdict == .unreachable }.count
    return failing > 0 && failing < ways.count ? ": \(failing) of \(ways.count) endpoints are not" : ""
  }

  /// Where only some endpoints can be reached either outcome is as predicted.
  private func agrees(_ probe: ExplainStep) -> Bool {
    switch probe.outcome {
    case .unknown: true
    case .passes: verdict != .unreachable || ways.contains { $0.verdict != .unreachable }
    case .blocks: verdict != .reachable
    }
  }

  private static func line(_ step: ExplainStep) -> String {
    let sign =
      switch step.outcome {
      case .passes: "ok"
      case .blocks: "NO"
      case .unknown: "? "
      }
    let kind = step.kind.rawValue
    let source = step.object.map { "  (\($0)\(step.field.map { " \($0)" } ?? ""))" } ?? ""
    return "  \(sign)  \(kind)\(String(repeating: " ", count: max(1, 10 - kind.count)))\(step.text)\(source)"
  }
}
