import JSONTree
import NetworkTypes

/// Endpoint slices.
enum EndpointValidation {
  private static let slicePorts = 20_000
  private static let sliceEndpoints = 1000
  private static let endpointAddresses = 100
  private static let topologyLabels = 16
  private static let hintNames = 8

  static func judgeSlice(_ slice: JSON) -> [FieldError] { judgeSlice(slice, replacing: nil) }

  static func compareSlices(_ old: JSON, _ new: JSON) -> [FieldError] {
    let faults = judgeSlice(new, replacing: old)
    if old["addressType"] == new["addressType"] { return faults }
    return faults + [.invalid(FieldPath("addressType"), new["addressType"] ?? "", "field is immutable")]
  }

  private static func judgeSlice(_ slice: JSON, replacing old: JSON?) -> [FieldError] {
    var faults: [FieldError] = []
    let families = ["FQDN", "IPv4", "IPv6"]
    let type = slice["addressType"]?.string ?? ""
    if type.isEmpty {
      faults.append(.required(FieldPath("addressType")))
    } else if !families.contains(type) {
      faults.append(.notSupported(FieldPath("addressType"), .string(type), families))
    }
    let endpoints = slice["endpoints"]?.items ?? []
    if endpoints.count > sliceEndpoints {
      faults.append(.tooMany(FieldPath("endpoints"), count: endpoints.count, limit: sliceEndpoints))
    } else {
      // An endpoint that was there before was judged then: a slice changes often, and little at a time.
      let known = Set(old?["endpoints"]?.items ?? [])
      for (index, endpoint) in endpoints.enumerated() where !known.contains(endpoint) {
        faults += endpointFaults(endpoint, type, FieldPath("endpoints")[index])
      }
    }
    let ports = slice["ports"]?.items ?? []
    return ports == old?["ports"]?.items ?? [] ? faults : faults + portFaults(ports)
  }

  private static func endpointFaults(_ endpoint: JSON, _ type: String, _ path: FieldPath) -> [FieldError] {
    var faults = addressFaults((endpoint["addresses"]?.items ?? []).map { $0.string ?? "" }, type, path)
    if let name = endpoint["nodeName"]?.string {
      faults += NameRules.dnsSubdomain(name).map { .invalid(path.child("nodeName"), .string(name), $0) }
    }
    let here = path.child("deprecatedTopology")
    let labels = endpoint["deprecatedTopology"]
    if let count = labels?.object?.count, count > topologyLabels {
      faults.append(.tooMany(here, count: count, limit: topologyLabels))
    }
    faults += MetadataValidation.labelFaults(labels, here)
    if let name = endpoint["hostname"]?.string {
      faults += NameRules.dnsLabel(name).map { .invalid(path.child("hostname"), .string(name), $0) }
    }
    let hints = path.child("hints")
    faults += hintFaults(endpoint[path: "hints", "forZones"], hints.child("forZones"), NameRules.labelValue)
    return faults + hintFaults(endpoint[path: "hints", "forNodes"], hints.child("forNodes"), NameRules.dnsSubdomain)
  }

  private static func addressFaults(_ addresses: [String], _ type: String, _ path: FieldPath) -> [FieldError] {
    let here = path.child("addresses")
    var faults: [FieldError] = []
    if addresses.isEmpty { faults.append(.required(here, "must contain at least 1 address")) }
    if addresses.count > endpointAddresses {
      faults.append(.tooMany(here, count: addresses.count, limit: endpointAddresses))
    }
    var seen: Set<String> = []
    for (index, address) in addresses.enumerated() {
      let place = here[index]
      if !seen.insert(address).inserted { faults.append(.duplicate(place, .string(address))) }
      switch type {
      case "IPv4", "IPv6":
        let wrong = AddressRules.address(address, place)
        if !wrong.isEmpty {
          faults += wrong
        } else if IPAddress(address)?.family.kubernetesName != type {
          faults.append(.invalid(place, .string(address), "must be a valid \(type) address"))
        } else {
          faults += AddressRules.reachabilityFaults(address, place)
        }
      case "FQDN": faults += fullNameFaults(address, place)
      default: break
      }
    }
    return faults
  }

  /// A domain of at least two labels, with or without its final dot.
  private static func fullNameFaults(_ text: String, _ path: FieldPath) -> [FieldError] {
    if text.isEmpty { return [.required(path)] }
    let name = text.hasSuffix(".") ? String(text.dropLast()) : text
    let faults = NameRules.dnsSubdomain(name).map { FieldError.invalid(path, .string(name), $0) }
    if faults.isEmpty, name.split(separator: ".").count < 2 {
      return [.invalid(path, .string(name), "should be a domain with at least two segments separated by dots")]
    }
    return faults
  }

  private static func hintFaults(
    _ list: JSON?, _ path: FieldPath, _ rule: (String) -> [String]
  ) -> [FieldError] {
    let hints = list?.items ?? []
    if hints.count > hintNames { return [.tooMany(path, count: hints.count, limit: hintNames)] }
    var names: Set<String> = []
    var faults: [FieldError] = []
    for (index, hint) in hints.enumerated() {
      let place = path[index].child("name")
      let name = hint["name"]?.string ?? ""
      if !names.insert(name).inserted { faults.append(.duplicate(place, .string(name))) }
      faults += rule(name).map { .invalid(place, .string(name), $0) }
    }
    return faults
  }

  private static func portFaults(_ ports: [JSON]) -> [FieldError] {
    let path = FieldPath("ports")
    if ports.count > slicePorts { return [.tooMany(path, count: ports.count, limit: slicePorts)] }
    var faults: [FieldError] = []
    var names: Set<String> = []
    for (index, port) in ports.enumerated() {
      let here = path[index]
      let name = port["name"]?.string ?? ""
      if !name.isEmpty { faults += NameRules.dnsLabel(name).map { .invalid(here.child("name"), .string(name), $0) } }
      if !names.insert(name).inserted { faults.append(.duplicate(here.child("name"), .string(name))) }
      if let number = port["port"]?.int { faults += ValueRules.portNumber(number, here.child("port")) }
      faults += ValueRules.choice(port, "protocol", of: "EndpointPort", here, isRequired: true)
      faults += ValueRules.text(port, "appProtocol", here, NameRules.qualifiedName)
    }
    return faults
  }
}
