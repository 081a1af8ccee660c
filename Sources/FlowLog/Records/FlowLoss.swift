package import JSONTree

/// What a node did not see, or does not know any more, of its flows.
package struct FlowLoss: Hashable, Sendable {
  package var node: String
  /// Dropped packets the log was not told of, for there were more of them than so many a second.
  package var packetsOverLimit = 0
  /// Dropped packets that were told of and lost on their way, or not understood.
  package var packets = 0
  /// Events of connections that were lost on their way, or not understood.
  package var events = 0
  /// How often an unknown number of either was lost: the kernel did not count them, or they could not be heard for a while.
  package var uncounted = 0
  /// Live connections that had to make room for others.
  package var connections = 0
  /// Records that whoever follows was too slow to take.
  package var records = 0
  /// What the node cannot see at all, and why.
  package var reasons: [String] = []

  package init(node: String) { self.node = node }

  package var isEmpty: Bool {
    packetsOverLimit + packets + events + uncounted + connections + records == 0 && reasons.isEmpty
  }

  package var tree: JSON {
    var tree: JSON = ["kind": "loss", "node": .string(node)]
    for (name, path) in Self.counts where self[keyPath: path] > 0 { tree[name] = .int(Int64(self[keyPath: path])) }
    if !reasons.isEmpty { tree["reasons"] = .array(reasons.map { .string($0) }) }
    return tree
  }

  package init?(_ tree: JSON) {
    guard tree["kind"]?.string == "loss", let node = tree["node"]?.string else { return nil }
    self.init(node: node)
    for (name, path) in Self.counts { self[keyPath: path] = Int(tree[name]?.int ?? 0) }
    reasons = (tree["reasons"]?.items ?? []).compactMap(\.string)
  }

  private static var counts: [(String, WritableKeyPath<FlowLoss, Int>)] {
    [
      ("packetsOverLimit", \.packetsOverLimit), ("packets", \.packets), ("events", \.events),
      ("uncounted", \.uncounted), ("connections", \.connections), ("records", \.records),
    ]
  }

  /// A line for each, in words.
  /// - Parameter limit: how many packets a second the log is told of.
  package func lines(limit: UInt64) -> [String] {
    var lines = reasons
    func add(_ count: Int, _ one: String, _ many: String) {
      if count > 0 { lines.append("\(count) \(count == 1 ? one : many)") }
    }
    add(
      packetsOverLimit, "dropped packet was not logged: more than \(limit) a second",
      "dropped packets were not logged: more than \(limit) a second")
    add(
      packets, "dropped packet was lost on its way from the kernel",
      "dropped packets were lost on their way from the kernel")
    add(events, "event of a connection was lost", "events of connections were lost")
    add(
      uncounted, "time it could not be counted how many packets or events were lost",
      "times it could not be counted how many packets or events were lost")
    add(connections, "live connection had to make room for others", "live connections had to make room for others")
    add(records, "record came faster than it was taken", "records came faster than they were taken")
    return lines.map { "node \(node): \($0)" }
  }
}
