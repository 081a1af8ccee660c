package import JSONTree

/// A pod's quality-of-service class, from its containers' requests and limits.
package enum PodQuality {
  package static func name(of pod: JSON) -> String {
    let containers = (pod[path: "spec", "containers"]?.items ?? []) + (pod[path: "spec", "initContainers"]?.items ?? [])
    var hasAny = false
    var isGuaranteed = true
    for container in containers {
      let requests = amounts(container[path: "resources", "requests"])
      let limits = amounts(container[path: "resources", "limits"])
      if !requests.isEmpty || !limits.isEmpty { hasAny = true }
      for resource in ["cpu", "memory"] {
        guard let limit = limits[resource], requests[resource].map({ $0 == limit }) ?? true else {
          isGuaranteed = false
          continue
        }
      }
    }
    return !hasAny ? "BestEffort" : isGuaranteed ? "Guaranteed" : "Burstable"
  }

  private static func amounts(_ list: JSON?) -> [String: Quantity] {
    var amounts: [String: Quantity] = [:]
    for member in list?.object?.members ?? [] where member.key == "cpu" || member.key == "memory" {
      if let amount = try? Quantity(json: member.value), !amount.isZero { amounts[member.key] = amount }
    }
    return amounts
  }
}
