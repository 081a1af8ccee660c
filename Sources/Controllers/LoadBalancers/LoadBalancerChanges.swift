import JSONTree
import KubernetesAPI

/// What people are told when fields change that concern a load balancer, in upstream's words.
enum LoadBalancerChanges {
  /// Reasons and messages of Events.
  static func events(from old: JSON, to new: JSON) -> [(reason: String, message: String)] {
    let (was, wants) = (LoadBalancerPlan.isWanted(by: old), LoadBalancerPlan.isWanted(by: new))
    guard was || wants else { return [] }
    guard was == wants else {
      let (former, latter) = (old.spec["type"]?.string ?? "", new.spec["type"]?.string ?? "")
      return former == latter ? [] : [("Type", "\(former) -> \(latter)")]
    }
    return [
      ("loadBalancerSourceRanges", "LoadBalancerSourceRanges"), ("loadBalancerIP", "LoadbalancerIP"),
      ("externalTrafficPolicy", "ExternalTrafficPolicy"), ("healthCheckNodePort", "HealthCheckNodePort"),
    ].compactMap { member, reason in
      let (former, latter) = (old.spec[member], new.spec[member])
      guard former != latter else { return nil }
      return (reason, "\(text(former, member)) -> \(text(latter, member))")
    }
  }

  /// As Go prints the field.
  private static func text(_ value: JSON?, _ member: String) -> String {
    if member == "loadBalancerSourceRanges" {
      return "[\((value?.items ?? []).compactMap(\.string).joined(separator: " "))]"
    }
    if member == "healthCheckNodePort" { return "\(value?.int ?? 0)" }
    return value?.string ?? ""
  }
}
