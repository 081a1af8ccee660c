internal import PolicyPlan

extension PolicyWords {
  func step(_ direction: PolicyDirection, _ verdict: PolicyVerdict) -> ExplainStep {
    let statement = statement(direction, verdict)
    let audited = auditedDenial(direction, verdict).map { "; tried out only, \($0) would deny it" } ?? ""
    return ExplainStep(
      direction == .ingress ? .ingress : .egress, statement.isAllowed ? .passes : .blocks, statement.text + audited,
      object: statement.object, field: statement.field)
  }
}
