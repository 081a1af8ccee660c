import JSONTree

/// Services, by upstream's rules and in its order. Which addresses and ports are free is the API server's to judge.
package enum ServiceValidation {
  static let path = FieldPath("spec")

  static func judgeNew(_ service: JSON) -> [FieldError] { judge(service, replacing: nil) }

  static func compare(_ old: JSON, _ new: JSON) -> [FieldError] {
    addressChanges(old, new) + familyChanges(old, new) + classFaults(new, replacing: old)
      + healthPortChanges(old, new) + judge(new, replacing: old)
  }

  private static func judge(_ service: JSON, replacing old: JSON?) -> [FieldError] {
    let spec = service.spec
    let shape = ServiceShape(service)
    var faults = topologyFaults(service)
    if shape.ports.isEmpty, !shape.isHeadless, !shape.isExternalName { faults.append(.required(path.child("ports"))) }
    faults += typeFaults(spec, shape)
    faults += portFaults(shape.ports)
    faults += MetadataValidation.labelFaults(spec["selector"], path.child("selector"))
    faults += affinityFaults(spec)
    faults += clusterAddressFaults(service, replacing: old)
    let known = (old?.spec["externalIPs"]?.items ?? []).compactMap(\.string)
    for (index, address) in (spec["externalIPs"]?.items ?? []).enumerated() {
      faults += AddressRules.endpointAddress(
        address.string ?? "", path.child("externalIPs")[index], unless: known)
    }
    faults += ValueRules.choice(spec, "type", of: "ServiceSpec", path, isRequired: true)
    faults += nodePortFaults(shape) + repeatedPorts(shape.ports)
    faults += sourceRangeFaults(service, replacing: old)
    let allocates = spec["allocateLoadBalancerNodePorts"]
    if allocates != nil, !shape.isLoadBalancer { faults.append(onlyBalanced("allocateLoadBalancerNodePorts")) }
    // So it is called upstream, without what it is in.
    if allocates == nil, shape.isLoadBalancer { faults.append(.required(FieldPath("allocateLoadBalancerNodePorts"))) }
    faults += classFaults(service, replacing: nil)
    return faults + externalPolicyFaults(spec, shape) + insidePolicyFaults(spec, shape)
  }

  static func onlyBalanced(_ member: String) -> FieldError {
    .forbidden(path.child(member), "may only be used when `type` is 'LoadBalancer'")
  }

  private static func topologyFaults(_ service: JSON) -> [FieldError] {
    let (mode, hints) = ("service.kubernetes.io/topology-mode", ObjectWarnings.topologyHints)
    guard let chosen = service.annotations[mode], let old = service.annotations[hints], chosen != old else { return [] }
    return [
      .invalid(
        FieldPath("metadata", "annotations")[key: mode], .string(chosen),
        "must match annotations[\(hints)] when both are specified")
    ]
  }

  private static func typeFaults(_ spec: JSON, _ shape: ServiceShape) -> [FieldError] {
    switch shape.type {
    case "LoadBalancer", "NodePort":
      guard shape.isHeadless else { return [] }
      return [
        .invalid(
          path.child("clusterIPs")[0], .string(ServiceShape.noAddress),
          "may not be set to 'None' for \(shape.type) services")
      ]
    case "ExternalName":
      var faults: [FieldError] = []
      for (member, isSet) in [
        ("clusterIPs", !shape.clusterIPs.isEmpty || !shape.clusterIP.isEmpty),
        ("ipFamilies", !shape.families.isEmpty), ("ipFamilyPolicy", shape.policy != nil),
      ] where isSet {
        faults.append(.forbidden(path.child(member), "may not be set for ExternalName services"))
      }
      var name = spec["externalName"]?.string ?? ""
      if name.hasSuffix(".") { name.removeLast() }
      if name.isEmpty { return faults + [.required(path.child("externalName"))] }
      return faults + NameRules.dnsSubdomain(name).map { .invalid(path.child("externalName"), .string(name), $0) }
    default: return []
    }
  }

  private static func affinityFaults(_ spec: JSON) -> [FieldError] {
    var faults = ValueRules.choice(spec, "sessionAffinity", of: "ServiceSpec", path, isRequired: true)
    var here = path.child("sessionAffinityConfig")
    var configuration = spec["sessionAffinityConfig"]
    if spec["sessionAffinity"] == "None", configuration != nil {
      faults.append(.forbidden(here, "must not be set when session affinity is None"))
    }
    guard spec["sessionAffinity"] == "ClientIP" else { return faults }
    for member in ["clientIP", "timeoutSeconds"] {
      guard let outer = configuration else { break }
      (here, configuration) = (here.child(member), outer[member])
    }
    guard let seconds = configuration?.int else {
      return faults + [.required(here, "when session affinity type is ClientIP")]
    }
    if !(1...longestAffinity).contains(seconds) {
      faults.append(.invalid(here, .int(seconds), "must be greater than 0 and less than \(longestAffinity)"))
    }
    return faults
  }

  /// A day, in seconds.
  private static let longestAffinity: Int64 = 86400
}
