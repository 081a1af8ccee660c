internal import PolicyPlan
internal import Synchronization

/// Words of verdicts that many flows have in common, made once: most are allowed by one of a few rules, or by none being
/// there.
final class SharedJudgements: Sendable {
  private struct Key: Hashable {
    let direction: PolicyDirection
    let verdict: PolicyVerdict
  }

  /// Then it begins anew: what is still in use is soon there again.
  private static let capacity = 4096
  private let known = Mutex<[Key: FlowJudgement]>([:])

  /// - Parameter make: the words of a verdict whose words depend on nothing else.
  func one(_ direction: PolicyDirection, _ verdict: PolicyVerdict, _ make: () -> FlowJudgement) -> FlowJudgement {
    let key = Key(direction: direction, verdict: verdict)
    if let judgement = known.withLock({ $0[key] }) { return judgement }
    let judgement = make()
    known.withLock { known in
      if known.count >= Self.capacity { known = [:] }
      known[key] = judgement
    }
    return judgement
  }
}
