import JSONTree
import KubernetesAPI

/// What stands between a request and the store besides the kind's own rules, in upstream's order.
package struct Admission: Sendable {
  private let escalation: EscalationCheck

  package init(registry: Registry, authorizer: Authorizer) {
    escalation = EscalationCheck(authorizer: authorizer)
  }

  /// Judges an object that has been completed and found valid; `old` is what is stored.
  func validate(_ object: JSON, replacing old: JSON?, for request: ResourceRequest) throws(APIStatus) {
    guard request.info.subresource != "status" else { return }
    try escalation.check(object, replacing: old, kind: request.kind, user: request.user)
  }
}
