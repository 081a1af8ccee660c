import JSONTree
import NetworkTypes

/// Ingresses, their classes, and network policies.
enum NetworkingValidation {
  private static let path = FieldPath("spec")

  // MARK: Ingress

  static func judgeIngress(_ object: JSON) -> [FieldError] {
    let spec = object.spec
    var faults: [FieldError] = []
    let rules = spec["rules"]?.items ?? []
    if rules.isEmpty, spec["defaultBackend"] == nil {
      faults.append(.invalid(path, .array(rules), "either `defaultBackend` or `rules` must be specified"))
    }
    faults += ValueRules.text(spec, "ingressClassName", path, NameRules.dnsSubdomain)
    if let backend = spec["defaultBackend"] { faults += backendFaults(backend, path.child("defaultBackend")) }
    for (index, rule) in rules.enumerated() {
      let here = path.child("rules")[index]
      if let host = rule["host"]?.string, !host.isEmpty { faults += hostFaults(host, here.child("host")) }
      guard let http = rule["http"] else { continue }
      let paths = http["paths"]?.items ?? []
      if paths.isEmpty { faults.append(.required(here.child("http").child("paths"))) }
      for (position, entry) in paths.enumerated() {
        faults += pathFaults(entry, here.child("http").child("paths")[position])
      }
    }
    for (index, tls) in (spec["tls"]?.items ?? []).enumerated() {
      let here = path.child("tls")[index]
      for (position, host) in (tls["hosts"]?.items ?? []).enumerated() {
        faults += hostFaults(host.string ?? "", here.child("hosts")[position])
      }
      faults += ValueRules.text(tls, "secretName", here, NameRules.dnsSubdomain)
    }
    return faults
  }

  private static func hostFaults(_ host: String, _ path: FieldPath) -> [FieldError] {
    if IPAddress(host) != nil {
      return [.invalid(path, .string(host), "must be a DNS name, not an IP address")]
    }
    let name = host.hasPrefix("*.") ? String(host.dropFirst(2)) : host
    if host.contains("*"), !host.hasPrefix("*.") {
      return [
        .invalid(
          path, .string(host),
          "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist "
            + "of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. "
            + "'*.example.com', regex used for validation is "
            + "'\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")
      ]
    }
    return NameRules.dnsSubdomain(name).map { .invalid(path, .string(host), $0) }
  }

  private static func pathFaults(_ entry: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    let text = entry["path"]?.string ?? ""
    switch entry["pathType"]?.string {
    case nil: faults.append(.required(path.child("pathType"), "pathType must be specified"))
    case "Exact"?, "Prefix"?:
      if !text.hasPrefix("/") {
        faults.append(.invalid(path.child("path"), .string(text), "must be an absolute path"))
      }
      for part in ["//", "/./", "/../", "%2f", "%2F"] where text.contains(part) {
        faults.append(.invalid(path.child("path"), .string(text), "must not contain '\(part)'"))
      }
      for part in ["/..", "/."] where text.hasSuffix(part) {
        faults.append(.invalid(path.child("path"), .string(text), "cannot end with '\(part)'"))
      }
    case "ImplementationSpecific"?:
      if !text.isEmpty, !text.hasPrefix("/") {
        faults.append(.invalid(path.child("path"), .string(text), "must be an absolute path"))
      }
    case let type?:
      faults.append(
        .notSupported(path.child("pathType"), .string(type), ["Exact", "ImplementationSpecific", "Prefix"]))
    }
    return faults + backendFaults(entry["backend"] ?? [:], path.child("backend"))
  }

  private static func backendFaults(_ backend: JSON, _ path: FieldPath) -> [FieldError] {
    switch (backend["service"], backend["resource"]) {
    case (_?, _?):
      return [.invalid(path, "", "cannot set both resource and service backends")]
    case (nil, nil): return [.required(path, "either service or resource is required")]
    case (nil, let resource?):
      return ValueRules.required(resource, "kind", path.child("resource"))
        + ValueRules.required(resource, "name", path.child("resource"))
    case (let service?, nil):
      let here = path.child("service")
      var faults = ValueRules.text(service, "name", here, isRequired: true, NameRules.dns1035Label)
      let port = service["port"] ?? [:]
      let name = port["name"]?.string ?? ""
      let number = port["number"]?.int ?? 0
      if !name.isEmpty, number != 0 {
        faults.append(.invalid(path, "", "cannot set both port name & port number"))
      } else if !name.isEmpty {
        faults += NameRules.portName(name).map {
          .invalid(here.child("port").child("name"), .string(name), $0)
        }
      } else if number != 0 {
        faults += ValueRules.portNumber(number, here.child("port").child("number"))
      } else {
        faults.append(.required(path, "port name or number is required"))
      }
      return faults
    }
  }

  static func judgeIngressClass(_ object: JSON) -> [FieldError] {
    let controller = object.spec["controller"]?.string ?? ""
    var faults: [FieldError] = []
    if controller.isEmpty {
      faults.append(.required(path.child("controller")))
    } else if controller.utf8.count > 250 {
      faults.append(.tooLong(path.child("controller"), limit: 250))
    } else if !controller.contains("/") {
      faults.append(
        .invalid(
          path.child("controller"), .string(controller),
          "must be a domain-prefixed path (such as \"acme.io/foo\")"))
    }
    guard let parameters = object.spec["parameters"] else { return faults }
    let here = path.child("parameters")
    faults += ValueRules.required(parameters, "kind", here) + ValueRules.required(parameters, "name", here)
    let namespace = parameters["namespace"]?.string
    switch parameters["scope"]?.string ?? "Cluster" {
    case "Cluster":
      if namespace != nil {
        faults.append(
          .forbidden(here.child("namespace"), "`parameters.scope` is set to 'Cluster'"))
      }
    case "Namespace":
      if (namespace ?? "").isEmpty {
        faults.append(.required(here.child("namespace"), "`parameters.scope` is set to 'Namespace'"))
      }
    case let scope:
      faults.append(.notSupported(here.child("scope"), .string(scope), ["Cluster", "Namespace"]))
    }
    return faults
  }

  static func compareIngressClasses(_ old: JSON, _ new: JSON) -> [FieldError] {
    guard old.spec["controller"] != new.spec["controller"] else { return [] }
    return [.invalid(path.child("controller"), new.spec["controller"] ?? .null, "field is immutable")]
  }

  // MARK: NetworkPolicy

  static func judgePolicy(_ object: JSON) -> [FieldError] {
    let spec = object.spec
    var faults =
      PolicyAuditAnnotation.faults(object)
      + SelectorValidation.faults(spec["podSelector"] ?? [:], path.child("podSelector"))
    for (name, peers) in [("ingress", "from"), ("egress", "to")] {
      for (index, rule) in (spec[name]?.items ?? []).enumerated() {
        let here = path.child(name)[index]
        for (position, port) in (rule["ports"]?.items ?? []).enumerated() {
          faults += policyPortFaults(port, here.child("ports")[position])
        }
        for (position, peer) in (rule[peers]?.items ?? []).enumerated() {
          faults += peerFaults(peer, here.child(peers)[position])
        }
      }
    }
    let types = (spec["policyTypes"]?.items ?? []).compactMap(\.string)
    if types.count > 2 {
      return faults + [
        .invalid(
          path.child("policyTypes"), .array(types.map { .string($0) }), "may not specify more than two policyTypes")
      ]
    }
    for (index, type) in types.enumerated() where type != "Ingress" && type != "Egress" {
      faults.append(
        .notSupported(path.child("policyTypes")[index], .string(type), inThisOrder: ["Ingress", "Egress"]))
    }
    return faults
  }

  private static func policyPortFaults(_ port: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    if let name = port["protocol"]?.string, !["TCP", "UDP", "SCTP"].contains(name) {
      faults.append(.notSupported(path.child("protocol"), .string(name), inThisOrder: ["TCP", "UDP", "SCTP"]))
    }
    let end = port["endPort"]?.int
    switch IntOrString(json: port["port"]) {
    case .int(let number)?:
      faults += ValueRules.portNumber(Int64(number), path.child("port"))
      guard let end else { break }
      if end < Int64(number) {
        faults.append(.invalid(path.child("endPort"), .int(end), "must be greater than or equal to `port`"))
      }
      faults += ValueRules.portNumber(end, path.child("endPort"))
    case .string(let name)?:
      if let end {
        faults.append(.invalid(path.child("endPort"), .int(end), "may not be specified when `port` is non-numeric"))
      }
      faults += NameRules.portName(name).map { .invalid(path.child("port"), .string(name), $0) }
    case nil:
      if let end {
        faults.append(.invalid(path.child("endPort"), .int(end), "may not be specified when `port` is not specified"))
      }
    }
    return faults
  }

  private static func peerFaults(_ peer: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    var count = 0
    for name in ["podSelector", "namespaceSelector"] {
      guard let selector = peer[name] else { continue }
      count += 1
      faults += SelectorValidation.faults(selector, path.child(name))
    }
    if let block = peer["ipBlock"] {
      faults += blockFaults(block, path.child("ipBlock"))
      if count > 0 {
        faults.append(.forbidden(path, "may not specify both ipBlock and another peer"))
      }
      count += 1
    }
    if count == 0 { faults.append(.required(path, "must specify a peer")) }
    return faults
  }

  private static func blockFaults(_ block: JSON, _ path: FieldPath) -> [FieldError] {
    let text = block["cidr"]?.string ?? ""
    if text.isEmpty { return [.required(path.child("cidr"))] }
    var faults = AddressRules.block(text, path.child("cidr"))
    // A block that is written in a form of old is judged further all the same.
    guard let whole = AddressRules.blockOfOld(text) else { return faults }
    for (index, entry) in (block["except"]?.items ?? []).enumerated() {
      let here = path.child("except")[index]
      let inner = entry.string ?? ""
      faults += AddressRules.block(inner, here)
      guard let part = AddressRules.blockOfOld(inner) else { continue }
      if !whole.contains(part.base) || part.prefixLength <= whole.prefixLength {
        faults.append(.invalid(here, .string(inner), "must be a strict subset of `cidr`"))
      }
    }
    return faults
  }

  static func compareSpecs(_ old: JSON, _ new: JSON) -> [FieldError] {
    old.spec == new.spec ? [] : [.invalid(path, new["spec"] ?? .null, "field is immutable")]
  }
}
