package import JSONTree

/// A pod's class of service (`status.qosClass`), from its containers' requests and limits.
package enum QualityOfService: String, Sendable, Hashable {
  case guaranteed = "Guaranteed"
  case burstable = "Burstable"
  case bestEffort = "BestEffort"

  package init(pod: JSON) {
    var anything = false
    var guaranteed = true
    for list in ["containers", "initContainers"] {
      for container in pod.spec[list]?.items ?? [] {
        for name in ["cpu", "memory"] {
          let request = Self.quantity(container, "requests", name)
          let limit = Self.quantity(container, "limits", name)
          if request?.isZero == false || limit?.isZero == false { anything = true }
          if limit == nil || limit?.isZero == true || (request ?? limit) != limit { guaranteed = false }
        }
      }
    }
    self = !anything ? .bestEffort : guaranteed ? .guaranteed : .burstable
  }

  private static func quantity(_ container: JSON, _ section: String, _ name: String) -> Quantity? {
    container[path: "resources", section, name].flatMap { try? Quantity(json: $0) }
  }
}
