package import JSONTree
package import KubernetesAPI

/// What is missing from an audit.
package struct AuditLoss: Hashable, Sendable {
  /// The times in which connections were not heard of. Nobody knows how many connections those were.
  package struct Deafness: Hashable, Sendable {
    package var times = 1
    /// When it began, the first time.
    package var since: Timestamp
    /// When it ended, the last time; `nil` while it lasts.
    package var until: Timestamp?
    /// Why, the last time.
    package var reason: String
  }

  /// Events of the kernel that were lost, and counted: flows nobody judged.
  package var events = 0
  package private(set) var deafness: Deafness?
  /// Findings that made room for others, as the book counts them.
  package var findings = 0

  package init() {}

  /// From now on nothing is heard. What goes on already goes on, for this reason by now.
  package mutating func beginDeafness(_ reason: String, at time: Timestamp) {
    guard var deafness else {
      self.deafness = Deafness(since: time, reason: reason)
      return
    }
    if deafness.until != nil { deafness.times += 1 }
    deafness.until = nil
    deafness.reason = reason
    self.deafness = deafness
  }

  /// What begins from now on is heard of.
  package mutating func endDeafness(at time: Timestamp) {
    if let deafness, deafness.until == nil { self.deafness?.until = time }
  }
}

extension AuditLoss {
  /// Gives a report the members `lostEvents`, `forgotten`, and where there is any `deafness` with `times`, `since`, `until`
  /// and `reason`.
  package func add(to report: inout JSON) {
    report["forgotten"] = .int(Int64(findings))
    report["lostEvents"] = .int(Int64(events))
    guard let deafness else { return }
    var tree: JSON = [
      "times": .int(Int64(deafness.times)), "since": .string(deafness.since.description),
      "reason": .string(deafness.reason),
    ]
    if let until = deafness.until { tree["until"] = .string(until.description) }
    report["deafness"] = tree
  }

  /// Of a report; what it does not have was not lost.
  package init(report: JSON) {
    events = Int(report["lostEvents"]?.int ?? 0)
    findings = Int(report["forgotten"]?.int ?? 0)
    guard let tree = report["deafness"], let since = tree["since"]?.string.flatMap({ Timestamp($0) }) else { return }
    deafness = Deafness(
      times: Int(tree["times"]?.int ?? 1), since: since, until: tree["until"]?.string.flatMap { Timestamp($0) },
      reason: tree["reason"]?.string ?? "")
  }

  /// A sentence for each, without an end.
  package func lines(node: String) -> [String] {
    var lines: [String] = []
    if events > 0 {
      lines.append(
        events == 1
          ? "node \(node) lost an event of a connection; the flow was not judged"
          : "node \(node) lost \(events) events of connections; their flows were not judged")
    }
    if let deafness { lines.append("node \(node) \(deafness.words)") }
    if findings > 0 {
      lines.append("node \(node) forgot \(findings) finding\(findings == 1 ? "" : "s") to make room for others")
    }
    return lines
  }
}

extension AuditLoss.Deafness {
  fileprivate var words: String {
    let missing = "how many flows were not judged is not known (\(reason))"
    guard let until else {
      return times == 1
        ? "has not heard of connections since \(since); \(missing)"
        : "does not hear of connections now, one of \(times) times since \(since); \(missing)"
    }
    if times == 1 {
      return since == until
        ? "lost events of connections at \(since); \(missing)"
        : "did not hear of connections from \(since) to \(until); \(missing)"
    }
    return "did not hear of all connections \(times) times between \(since) and \(until); \(missing)"
  }
}
