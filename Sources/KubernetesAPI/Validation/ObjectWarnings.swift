package import JSONTree

/// What is accepted, and told to the client all the same: in upstream's words, one to a `Warning` header.
package enum ObjectWarnings {
  static let topologyHints = "service.kubernetes.io/topology-aware-hints"
  private static let topologyMode = "service.kubernetes.io/topology-mode"
  /// Whatever is asked of these objects.
  package static let deprecatedEndpoints =
    "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"

  /// Of a new or changed object that is valid.
  package static func warnings(for object: JSON, kind: ResourceKind) -> [String] {
    switch kind {
    case .services: service(object)
    case .endpoints: endpoints(object)
    case .endpointSlices: slice(object)
    case .networkPolicies: policy(object)
    default: []
    }
  }

  private static func service(_ object: JSON) -> [String] {
    let (spec, shape) = (object.spec, ServiceShape(object))
    let path = FieldPath("spec")
    func addresses(_ texts: [String], _ member: String) -> [String] {
      texts.enumerated().flatMap { AddressRules.warnings(address: $0.element, path.child(member)[$0.offset]) }
    }
    let external = (spec["externalIPs"]?.items ?? []).compactMap(\.string)
    let balanced = spec["loadBalancerIP"]?.string ?? ""
    let isHeadless = shape.type == "ClusterIP" && shape.clusterIP == ServiceShape.noAddress
    var warnings: [String] = []
    if object.annotations[topologyHints] != nil {
      warnings.append("annotation \(topologyHints) is deprecated, please use \(topologyMode) instead")
    }
    if !isHeadless { warnings += addresses(shape.clusterIPs, "clusterIPs") }
    if isHeadless {
      if !balanced.isEmpty { warnings.append("spec.loadBalancerIP is ignored for headless services") }
      if !external.isEmpty { warnings.append("spec.externalIPs is ignored for headless services") }
      if spec["sessionAffinity"] != "None" { warnings.append("spec.SessionAffinity is ignored for headless services") }
    }
    warnings += addresses(external, "externalIPs")
    if !external.isEmpty, !isHeadless, !shape.isExternalName {
      warnings.append("spec.externalIPs is deprecated and may no longer be implemented in some clusters")
    }
    warnings += AddressRules.warnings(address: balanced, path.child("loadBalancerIP"))
    for (index, range) in (spec["loadBalancerSourceRanges"]?.items ?? []).enumerated() {
      warnings += AddressRules.warnings(
        block: range.string ?? "", path.child("loadBalancerSourceRanges")[index])
    }
    if shape.isExternalName, !external.isEmpty {
      warnings.append("spec.externalIPs is ignored when spec.type is \"ExternalName\"")
    }
    if !shape.isExternalName, !(spec["externalName"]?.string ?? "").isEmpty {
      warnings.append("spec.externalName is ignored when spec.type is not \"ExternalName\"")
    }
    if spec["trafficDistribution"] == "PreferClose" {
      warnings.append("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"")
    }
    return warnings
  }

  private static func policy(_ object: JSON) -> [String] {
    var warnings: [String] = []
    for (list, peers) in [("ingress", "from"), ("egress", "to")] {
      for (index, rule) in (object.spec[list]?.items ?? []).enumerated() {
        for (position, peer) in (rule[peers]?.items ?? []).enumerated() {
          guard let block = peer["ipBlock"] else { continue }
          let path = FieldPath("spec").child(list)[index].child(peers)[position].child("ipBlock")
          warnings += AddressRules.warnings(block: block["cidr"]?.string ?? "", path.child("cidr"))
          for (part, except) in (block["except"]?.items ?? []).enumerated() {
            warnings += AddressRules.warnings(block: except.string ?? "", path.child("except")[part])
          }
        }
      }
    }
    return warnings
  }

  private static func endpoints(_ object: JSON) -> [String] {
    var warnings: [String] = []
    for (index, subset) in (object["subsets"]?.items ?? []).enumerated() {
      for list in ["addresses", "notReadyAddresses"] {
        for (position, address) in (subset[list]?.items ?? []).enumerated() {
          warnings += AddressRules.warnings(
            address: address["ip"]?.string ?? "", FieldPath("subsets")[index].child(list)[position].child("ip"))
        }
      }
    }
    return warnings
  }

  private static func slice(_ object: JSON) -> [String] {
    if object["addressType"] == "FQDN" { return ["addressType: FQDN endpoints are deprecated"] }
    // There is but one way to write an IPv4 address that is accepted.
    guard object["addressType"] == "IPv6" else { return [] }
    return (object["endpoints"]?.items ?? []).enumerated().flatMap { index, endpoint in
      (endpoint["addresses"]?.items ?? []).enumerated().flatMap { position, address in
        AddressRules.warnings(
          address: address.string ?? "", FieldPath("endpoints")[index].child("addresses")[position])
      }
    }
  }
}
