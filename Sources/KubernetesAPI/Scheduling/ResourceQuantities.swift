package import JSONTree

/// A container's `resources` as numbers, by side (`requests`, `limits`) and name: equal amounts are equal, however they are
/// written. Claims are left aside.
package struct ResourceQuantities: Hashable, Sendable {
  package var amounts: [String: [String: Quantity]] = [:]

  package init(_ resources: JSON?) {
    for side in ["requests", "limits"] {
      for member in resources?[side]?.object?.members ?? [] {
        amounts[side, default: [:]][member.key] = try? Quantity(json: member.value)
      }
    }
  }

  /// What else than processor and memory there is.
  package var others: ResourceQuantities {
    var others = self
    others.amounts = amounts.mapValues { $0.filter { $0.key != "cpu" && $0.key != "memory" } }.filter {
      !$0.value.isEmpty
    }
    return others
  }
}
