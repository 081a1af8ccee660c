import JSONTree

/// How traffic reaches Services, and whom it goes to.
extension ServiceValidation {
  private static let distributions = ["PreferClose", "PreferSameZone", "PreferSameNode"]
  private static let sourceRanges = "service.beta.kubernetes.io/load-balancer-source-ranges"

  /// Clients that the load balancer lets in, by the field or, where that is empty, by the annotation that was first.
  static func sourceRangeFaults(_ service: JSON, replacing old: JSON?) -> [FieldError] {
    func ranges(_ service: JSON?) -> [String] {
      (service?.spec["loadBalancerSourceRanges"]?.items ?? []).map { trimmed($0.string ?? "") }
    }
    let isBalanced = ServiceShape(service).isLoadBalancer
    let list = ranges(service)
    if !list.isEmpty {
      // So upstream writes its name in messages.
      let here = path.child("LoadBalancerSourceRanges")
      let known = ranges(old)
      let faults = isBalanced ? [] : [onlyBalanced("LoadBalancerSourceRanges")]
      return list.enumerated().reduce(faults) { $0 + AddressRules.block($1.element, here[$1.offset], unless: known) }
    }
    guard let text = service.annotations[sourceRanges] else { return [] }
    let here = FieldPath("metadata", "annotations")[key: sourceRanges]
    var faults: [FieldError] = []
    if !isBalanced { faults.append(.forbidden(here, "may only be used when `type` is 'LoadBalancer'")) }
    guard old?.annotations[sourceRanges] != text, !trimmed(text).isEmpty else { return faults }
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      faults += AddressRules.block(trimmed(String(part)), here)
    }
    return faults
  }

  private static func trimmed(_ text: String) -> String {
    let inner = text.drop(while: \.isWhitespace)
    guard let last = inner.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(inner[...last])
  }

  static func classFaults(_ service: JSON, replacing old: JSON?) -> [FieldError] {
    let here = path.child("loadBalancerClass")
    let name = service.spec["loadBalancerClass"]
    let isBalanced = ServiceShape(service).isLoadBalancer
    var faults: [FieldError] = []
    if let old, isBalanced, ServiceShape(old).isLoadBalancer, old.spec["loadBalancerClass"] != name {
      faults.append(.invalid(here, name ?? .null, "may not change once set"))
    }
    guard let text = name?.string else { return faults }
    guard isBalanced else { return faults + [onlyBalanced("loadBalancerClass")] }
    return faults + NameRules.qualifiedName(text).map { .invalid(here, .string(text), $0) }
  }

  static func externalPolicyFaults(_ spec: JSON, _ shape: ServiceShape) -> [FieldError] {
    var faults: [FieldError] = []
    let policy = spec["externalTrafficPolicy"] ?? ""
    if shape.isExternallyAccessible {
      faults += ValueRules.choice(spec, "externalTrafficPolicy", of: "ServiceSpec", path, isRequired: true)
    } else if policy != "" {
      faults.append(
        .invalid(
          path.child("externalTrafficPolicy"), policy, "may only be set for externally-accessible services"))
    }
    let here = path.child("healthCheckNodePort")
    let port = shape.healthPort
    switch (shape.needsHealthPort, port) {
    case (false, 0): break
    case (true, 0): faults.append(.required(here))
    case (true, _): faults += ValueRules.portNumber(port, here)
    case (false, _):
      faults.append(
        .invalid(
          here, .int(port),
          "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"))
    }
    return faults
  }

  static func insidePolicyFaults(_ spec: JSON, _ shape: ServiceShape) -> [FieldError] {
    let isNeeded = shape.type == "ClusterIP" || shape.usesNodePorts
    let faults = ValueRules.choice(spec, "internalTrafficPolicy", of: "ServiceSpec", path, isRequired: isNeeded)
    guard let distribution = spec["trafficDistribution"], !distributions.contains(distribution.string ?? "") else {
      return faults
    }
    return faults + [.notSupported(path.child("trafficDistribution"), distribution, distributions)]
  }

  /// Load balancers have learnt it: it stays as long as there is one.
  static func healthPortChanges(_ old: JSON, _ new: JSON) -> [FieldError] {
    let (was, now) = (ServiceShape(old), ServiceShape(new))
    guard was.needsHealthPort, now.needsHealthPort, was.healthPort != now.healthPort else { return [] }
    return [.forbidden(path.child("healthCheckNodePort"), "field is immutable")]
  }

  // MARK: Status

  private static let addressModes = ["Proxy", "VIP"]

  /// Where the load balancer answers.
  static func compareStatus(_ old: JSON, _ new: JSON) -> [FieldError] {
    let here = FieldPath("status", "loadBalancer", "ingress")
    func places(_ service: JSON) -> [JSON] { service.status[path: "loadBalancer", "ingress"]?.items ?? [] }
    let list = places(new)
    if !list.isEmpty, !ServiceShape(new).isLoadBalancer {
      return [.forbidden(here, "may only be used when `spec.type` is 'LoadBalancer'")]
    }
    let known = places(old).compactMap { $0["ip"]?.string }
    var faults: [FieldError] = []
    for (index, place) in list.enumerated() {
      let address = place["ip"]?.string ?? ""
      if !address.isEmpty { faults += AddressRules.address(address, here[index].child("ip"), unless: known) }
      faults += modeFaults(place["ipMode"], hasAddress: !address.isEmpty, here[index].child("ipMode"))
      guard let name = place["hostname"]?.string, !name.isEmpty else { continue }
      let nameHere = here[index].child("hostname")
      faults += NameRules.dnsSubdomain(name).map { .invalid(nameHere, .string(name), $0) }
      if AddressRules.isAddress(name) {
        faults.append(.invalid(nameHere, .string(name), "must be a DNS name, not an IP address"))
      }
    }
    return faults
  }

  private static func modeFaults(_ mode: JSON?, hasAddress: Bool, _ path: FieldPath) -> [FieldError] {
    switch (mode, hasAddress) {
    case (nil, false): []
    case (nil, true): [.required(path, "must be specified when `ip` is set")]
    case (_?, false): [.forbidden(path, "may not be specified when `ip` is not set")]
    case (let mode?, true):
      addressModes.contains(mode.string ?? "") ? [] : [.notSupported(path, mode, addressModes)]
    }
  }
}
