package import NFTables
internal import NetworkTypes

/// Leads packets through a table's rules the way nf_tables does. Pure but for elements that rules themselves add.
package struct PacketTracer {
  package var ruleset: FakeNFTables.Ruleset
  /// Draws for `random`: called with the modulus, answers with a number below it.
  package var draw: (UInt32) -> UInt32
  /// Called before each look-up in the named set: a test may change elements there, as a commit between two look-ups
  /// would.
  package var beforeLookup: (String, inout FakeNFTables.Ruleset) -> Void = { _, _ in }

  package init(_ ruleset: FakeNFTables.Ruleset, draw: @escaping (UInt32) -> UInt32 = { _ in 0 }) {
    self.ruleset = ruleset
    self.draw = draw
  }

  /// Runs the base chains of the hook, lowest priority first.
  package mutating func trace(_ packet: TracedPacket, at hook: Chain.Hook) -> PacketTrace {
    var trace = PacketTrace(packet: packet)
    let chains = ruleset.chains.values
      // Translation is decided for the packet that opens a flow; tracking does the rest.
      .filter { $0.base?.hook == hook && ($0.base?.kind != .nat || packet.state == .new) }
      .sorted { ($0.base!.priority, $0.name) < ($1.base!.priority, $1.name) }
    for chain in chains {
      switch run(chain.name, &trace, depth: 0) {
      case .accepted: continue
      case .finished: return trace
      case .exhausted:
        guard chain.base!.acceptsByDefault else {
          trace.outcome = .dropped
          return trace
        }
      }
    }
    return trace
  }

  private enum End {
    /// This base chain is done, others may follow.
    case accepted
    /// The packet's fate in this hook is sealed.
    case finished
    /// The rules have ended without a verdict.
    case exhausted
  }

  private mutating func run(_ chain: String, _ trace: inout PacketTrace, depth: Int) -> End {
    precondition(depth <= 16, "nf_tables allows 16 jumps")
    for rule in ruleset.rules[chain] ?? [] {
      var machine = RuleMachine(ruleset: ruleset, trace: trace, draw: draw, beforeLookup: beforeLookup)
      let step = machine.run(rule)
      ruleset = machine.ruleset
      trace = machine.trace
      guard step != .mismatch else { continue }
      trace.path.append(rule.comment.isEmpty ? chain : "\(chain): \(rule.comment)")
      switch step {
      case .sealed: return .finished
      case .translated, .verdict(.accept): return .accepted
      case .verdict(.drop):
        trace.outcome = .dropped
        return .finished
      case .verdict(.return): return .exhausted
      case .verdict(.goto(let target)): return run(target, &trace, depth: depth + 1)
      case .verdict(.jump(let target)):
        let end = run(target, &trace, depth: depth + 1)
        if end != .exhausted { return end }
      case .mismatch, .next: continue
      }
    }
    return .exhausted
  }
}
