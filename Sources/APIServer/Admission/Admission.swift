import JSONTree
import KubernetesAPI

/// What stands between a request and the store besides the kind's own rules, in upstream's order.
package struct Admission: Sendable {
  package let quotas: QuotaLedger
  private let registry: Registry
  private let escalation: EscalationCheck
  private let legacyTokens: LegacyTokens
  private let podSecurity: PodSecurityConfiguration

  init(
    registry: Registry, authorizer: Authorizer, legacyTokens: LegacyTokens, podSecurity: PodSecurityConfiguration
  ) {
    self.podSecurity = podSecurity
    self.legacyTokens = legacyTokens
    self.registry = registry
    quotas = QuotaLedger(registry: registry)
    escalation = EscalationCheck(authorizer: authorizer)
  }

  /// Fills in what a new object leaves open, and refuses what may not be.
  func complete(_ object: inout JSON, for request: ResourceRequest) throws(APIStatus) {
    switch request.kind {
    case .pods:
      try LimitRanger(registry: registry).complete(&object)
      try RuntimeClassAdmission.complete(&object, registry: registry)
      try PriorityAdmission.complete(&object, registry: registry)
    case .persistentVolumeClaims:
      try DefaultClassAdmission.completeClaim(&object, registry: registry)
      Self.protect(&object, by: "kubernetes.io/pvc-protection")
    case .persistentVolumes: Self.protect(&object, by: "kubernetes.io/pv-protection")
    case .ingresses: try DefaultClassAdmission.completeIngress(&object, registry: registry)
    case .secrets: try legacyTokens.complete(&object, registry: registry)
    default: return
    }
  }

  /// Upstream's StorageObjectInUseProtection: what is in use stays until a controller finds that it is not.
  private static func protect(_ object: inout JSON, by finalizer: String) {
    let finalizers = object.finalizers
    guard !finalizers.contains(finalizer) else { return }
    object[path: "metadata", "finalizers"] = .array((finalizers + [finalizer]).map(JSON.string))
  }

  /// Judges an object that has been completed and found valid; `old` is what is stored.
  func validate(_ object: JSON, replacing old: JSON?, for request: ResourceRequest) throws(APIStatus) {
    try NodeRestriction.check(object, replacing: old, for: request)
    guard request.info.subresource != "status" else { return }
    try PodSecurityAdmission(registry: registry, configuration: podSecurity).validate(
      object, replacing: old, for: request)
    try escalation.check(object, replacing: old, kind: request.kind, user: request.user)
    if request.kind == .persistentVolumeClaims { try LimitRanger(registry: registry).judgeClaim(object) }
    guard request.kind == .pods else { return }
    if old == nil || request.info.subresource == "resize" { try LimitRanger(registry: registry).judgePod(object) }
    if old == nil { try RuntimeClassAdmission.validate(object, registry: registry) }
  }
}
