import JSONTree

/// Nodes bring a status when they register; a pod CIDR is given once.
struct NodeStrategy: ResourceStrategy {
  func validate(_ object: JSON, replacing old: JSON?) -> [APIStatus.Cause] {
    guard let was = old?[path: "spec", "podCIDR"], object[path: "spec", "podCIDR"] != was else { return [] }
    return [
      APIStatus.Cause(
        reason: "FieldValueForbidden",
        message: "Forbidden: node updates may not change podCIDR except from \"\" to valid", field: "spec.podCIDR")
    ]
  }
}
