import JSONTree
import KubernetesAPI

/// What stands between a request and the store besides the kind's own rules, in upstream's order.
package struct Admission: Sendable {
  package let quotas: QuotaLedger
  private let registry: Registry
  private let escalation: EscalationCheck

  package init(registry: Registry, authorizer: Authorizer) {
    self.registry = registry
    quotas = QuotaLedger(registry: registry)
    escalation = EscalationCheck(authorizer: authorizer)
  }

  /// Fills in what a new object leaves open, and refuses what may not be.
  func complete(_ object: inout JSON, for request: ResourceRequest) throws(APIStatus) {
    switch request.kind {
    case .pods:
      try LimitRanger(registry: registry).complete(&object)
      try PriorityAdmission.complete(&object, registry: registry)
    default: return
    }
  }

  /// Judges an object that has been completed and found valid; `old` is what is stored.
  func validate(_ object: JSON, replacing old: JSON?, for request: ResourceRequest) throws(APIStatus) {
    guard request.info.subresource != "status" else { return }
    try PodSecurityAdmission(registry: registry).validate(object, replacing: old, for: request)
    try escalation.check(object, replacing: old, kind: request.kind, user: request.user)
    if request.kind == .persistentVolumeClaims { try LimitRanger(registry: registry).judgeClaim(object) }
    if request.kind == .pods, old == nil { try LimitRanger(registry: registry).judgePod(object) }
  }
}
