internal import PolicyPlan

extension PolicyWords {
  func step(_ direction: PolicyDirection, _ verdict: PolicyVerdict) -> ExplainStep {
    let statement = statement(direction, verdict)
    let audited = auditedDenial(direction, verdict).map { "; \($0)" } ?? ""
    return ExplainStep(
      direction == .ingress ? .ingress : .egress, statement.isAllowed ? .passes : .blocks, statement.text + audited,
      object: statement.object, field: statement.field)
  }
}
