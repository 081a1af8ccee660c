import JSONTree
import KubernetesAPI
import NetworkTypes

/// Of which families a Service's addresses are: completes `ipFamilyPolicy` and `ipFamilies` before addresses are given.
///
/// Upstream's rules, of which the first is that nobody gains or loses a family without having said so.
struct ServiceFamilies: Sendable {
  /// Those of the cluster, the primary one first.
  let configured: [IPAddress.Family]

  private static let path = FieldPath("spec")
  private static let policyPath = path.child("ipFamilyPolicy")

  private var names: [String] { configured.map(\.kubernetesName) }

  /// Returns what is wrong; the service is as far completed as it could be.
  func complete(_ service: inout JSON, replacing old: JSON?) -> [FieldError] {
    if ServiceShape(service).isExternalName || Self.staysAsItIs(service, replacing: old) { return [] }
    settlePolicy(&service, replacing: old)
    let misfits = ServiceValidation.clusterAddressFaults(service, replacing: old)
    if !misfits.isEmpty { return misfits }
    var faults = old.map { Self.narrow(&service, replacing: $0) } ?? []
    faults += Self.policyFaults(ServiceShape(service)) + inferFamilies(&service)
    if !faults.isEmpty { return faults }
    let shape = ServiceShape(service)
    // Its endpoints are somebody else's, of families this cluster may not have.
    if shape.clusterIP == ServiceShape.noAddress, !shape.hasSelector {
      extend(&service, shape, with: ["IPv4", "IPv6"])
      return []
    }
    faults = availabilityFaults(shape)
    if !faults.isEmpty { return faults }
    extend(&service, shape, with: names)
    return []
  }

  /// Whether a Service that would like both families, and has what it has, is left with that.
  static func staysAsItIs(_ service: JSON, replacing old: JSON?) -> Bool {
    guard let old else { return false }
    let (was, now) = (ServiceShape(old), ServiceShape(service))
    return was.type == now.type && !now.isExternalName && now.policy == "PreferDualStack"
      && (was.policy ?? "PreferDualStack") == "PreferDualStack" && was.clusterIPs == now.clusterIPs
      && was.families == now.families
  }

  private func settlePolicy(_ service: inout JSON, replacing old: JSON?) {
    let shape = ServiceShape(service)
    guard shape.policy == nil else { return }
    let ownsNothing = shape.clusterIP == ServiceShape.noAddress && !shape.hasSelector
    let policy = old.flatMap { ServiceShape($0).policy } ?? (ownsNothing ? "RequireDualStack" : "SingleStack")
    service[path: "spec", "ipFamilyPolicy"] = .string(policy)
  }

  /// A Service that is to be of one family gives the other one up; one that is not may not just leave it out.
  private static func narrow(_ service: inout JSON, replacing old: JSON) -> [FieldError] {
    let (was, now) = (ServiceShape(old), ServiceShape(service))
    if now.policy == "SingleStack" {
      for (member, isSame, count) in [
        ("clusterIPs", was.clusterIPs == now.clusterIPs, now.clusterIPs.count),
        ("ipFamilies", was.families == now.families, now.families.count),
      ] where isSame && count > 1 {
        service[path: "spec", member] = .array(Array((service.spec[member]?.items ?? []).prefix(1)))
      }
      return []
    }
    let policy = now.policy.map { JSON.string($0) } ?? .null
    var faults: [FieldError] = []
    for (what, before, after) in [
      ("cluster IP", was.clusterIPs.count, now.clusterIPs.count), ("IP family", was.families.count, now.families.count),
    ] where after > 0 && after < before {
      faults.append(.invalid(policyPath, policy, "must be 'SingleStack' to release the secondary \(what)"))
    }
    return faults
  }

  private static func policyFaults(_ shape: ServiceShape) -> [FieldError] {
    guard shape.policy == "SingleStack" else { return [] }
    return [("cluster IPs", shape.clusterIPs.count), ("IP families", shape.families.count)].compactMap { what, count in
      guard count == 2 else { return nil }
      return .invalid(
        policyPath, "SingleStack",
        "must be 'RequireDualStack' or 'PreferDualStack' when multiple \(what) are specified")
    }
  }

  /// Addresses say of which families they are.
  private func inferFamilies(_ service: inout JSON) -> [FieldError] {
    let shape = ServiceShape(service)
    var families = shape.families
    var faults: [FieldError] = []
    for (index, text) in shape.clusterIPs.enumerated().dropFirst(families.count) {
      guard let family = IPAddress(text)?.family.kubernetesName else { continue }
      if names.contains(family) {
        families.append(family)
      } else {
        faults.append(
          .invalid(
            Self.path.child("clusterIPs")[index], .array(shape.clusterIPs.map { .string($0) }),
            "\(family) is not configured on this cluster"))
      }
    }
    set(&service, families)
    return faults
  }

  private func availabilityFaults(_ shape: ServiceShape) -> [FieldError] {
    var faults: [FieldError] = []
    if shape.policy == "RequireDualStack", configured.count < 2 {
      faults.append(
        .invalid(
          Self.policyPath, "RequireDualStack", "this cluster is not configured for dual-stack services"))
    }
    for (index, family) in shape.families.enumerated() where !names.contains(family) {
      faults.append(
        .invalid(
          Self.path.child("ipFamilies")[index], .string(family), "not configured on this cluster"))
    }
    return faults
  }

  /// Begins with the cluster's primary family, and adds the other one where it is wanted and to be had.
  private func extend(_ service: inout JSON, _ shape: ServiceShape, with available: [String]) {
    var families = shape.families.isEmpty ? Array(names.prefix(1)) : shape.families
    if shape.policy != "SingleStack", families.count == 1 { families += available.filter { $0 != families[0] } }
    set(&service, families)
  }

  private func set(_ service: inout JSON, _ families: [String]) {
    service[path: "spec", "ipFamilies"] = families.isEmpty ? nil : .array(families.map { .string($0) })
  }
}
