import JSONTree
import KubernetesAPI

/// Which clients an endpoint is for, by the Service's `trafficDistribution`.
enum EndpointHints {
  case none
  /// Those in its zone.
  case zone
  /// Those on its node, and else in its zone.
  case node

  init(_ service: JSON) {
    // The annotation of topology-aware routing has precedence over the field, and hints by it are not given.
    let annotations = service.annotations
    let mode =
      annotations["service.kubernetes.io/topology-aware-hints"] ?? annotations["service.kubernetes.io/topology-mode"]
    guard mode != "Auto", mode != "auto" else {
      self = .none
      return
    }
    switch service.spec["trafficDistribution"]?.string {
    case "PreferClose", "PreferSameZone": self = .zone
    case "PreferSameNode": self = .node
    default: self = .none
    }
  }

  /// The hints of a ready endpoint; `nil` for none.
  func hints(zone: String?, node: String) -> JSON? {
    guard self != .none else { return nil }
    var hints: JSON = [:]
    if let zone { hints["forZones"] = [["name": .string(zone)]] }
    if self == .node, !node.isEmpty { hints["forNodes"] = [["name": .string(node)]] }
    return hints == [:] ? nil : hints
  }
}
