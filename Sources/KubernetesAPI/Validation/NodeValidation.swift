import JSONTree
import NetworkTypes

/// Nodes.
enum NodeValidation {
  private static let path = FieldPath("spec")

  static func judge(_ node: JSON) -> [FieldError] {
    var faults: [FieldError] = []
    var seen: Set<String> = []
    for (index, taint) in (node.spec["taints"]?.items ?? []).enumerated() {
      let here = path.child("taints")[index]
      let key = taint["key"]?.string ?? ""
      faults += NameRules.qualifiedName(key).map { .invalid(here.child("key"), .string(key), $0) }
      let value = taint["value"]?.string ?? ""
      faults += NameRules.labelValue(value).map { .invalid(here.child("value"), .string(value), $0) }
      faults += ValueRules.choice(taint, "effect", of: "Taint", here, isRequired: true)
      if !seen.insert("\(key):\(taint["effect"]?.string ?? "")").inserted {
        faults.append(.duplicate(here, taint))
      }
    }
    let blocks = node.spec["podCIDRs"]?.items ?? []
    for (index, block) in blocks.enumerated() {
      faults += AddressRules.block(block.string ?? "", path.child("podCIDRs")[index])
    }
    let families = Set(blocks.compactMap { $0.string.flatMap { CIDR($0)?.family } })
    if blocks.count > 2 || (blocks.count == 2 && families.count < 2) {
      faults.append(
        .invalid(
          path.child("podCIDRs"), .array(blocks), "may specify no more than one CIDR for each IP family"))
    }
    return faults
  }

  /// Pods have addresses out of the node's blocks, so these stay once they are set.
  static func compare(_ old: JSON, _ new: JSON) -> [FieldError] {
    var faults: [FieldError] = []
    if let blocks = old.spec["podCIDRs"]?.items, !blocks.isEmpty, blocks != new.spec["podCIDRs"]?.items ?? [] {
      faults.append(
        .forbidden(path.child("podCIDRs"), "node updates may not change podCIDR except from \"\" to valid"))
    }
    if let provider = old.spec["providerID"]?.string, !provider.isEmpty,
      provider != new.spec["providerID"]?.string ?? ""
    {
      faults.append(
        .forbidden(path.child("providerID"), "node updates may not change providerID except from \"\" to valid"))
    }
    return faults
  }
}
