import JSONTree

/// Nodes bring a status when they register; a pod CIDR is given once.
struct NodeStrategy: ResourceStrategy {
  private static let notReady: JSON = ["key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"]

  /// Upstream's TaintNodesByCondition: nothing is scheduled to a new node before it has said that it is ready.
  func prepareForCreate(_ object: inout JSON, _ context: StrategyContext) throws(APIStatus) {
    var taints = object[path: "spec", "taints"]?.items ?? []
    let isTainted = taints.contains {
      $0["key"] == Self.notReady["key"] && $0["effect"] == Self.notReady["effect"]
    }
    if isTainted { return }
    taints.append(Self.notReady)
    object[path: "spec", "taints"] = .array(taints)
  }

  func validate(_ object: JSON, replacing old: JSON?) -> [APIStatus.Cause] {
    guard let was = old?[path: "spec", "podCIDR"], object[path: "spec", "podCIDR"] != was else { return [] }
    return [
      APIStatus.Cause(
        reason: "FieldValueForbidden",
        message: "Forbidden: node updates may not change podCIDR except from \"\" to valid", field: "spec.podCIDR")
    ]
  }
}
