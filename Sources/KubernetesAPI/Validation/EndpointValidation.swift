import JSONTree
import NetworkTypes

/// Endpoints and endpoint slices.
enum EndpointValidation {
  private static let slicePorts = 100
  private static let sliceEndpoints = 1000
  private static let endpointAddresses = 100

  static func judgeEndpoints(_ object: JSON) -> [FieldError] {
    var faults: [FieldError] = []
    for (index, subset) in (object["subsets"]?.items ?? []).enumerated() {
      let here = FieldPath("subsets")[index]
      let lists = ["addresses", "notReadyAddresses"]
      if lists.allSatisfy({ subset[$0]?.items.isEmpty != false }) {
        faults.append(.required(here, "must specify `addresses` or `notReadyAddresses`"))
      }
      for list in lists {
        for (position, address) in (subset[list]?.items ?? []).enumerated() {
          let place = here.child(list)[position]
          faults += ValueRules.endpointAddress(address["ip"]?.string ?? "", place.child("ip"))
          faults += ValueRules.text(address, "hostname", place, NameRules.dnsLabel)
          faults += ValueRules.text(address, "nodeName", place, NameRules.dnsSubdomain)
        }
      }
      let ports = subset["ports"]?.items ?? []
      for (position, port) in ports.enumerated() {
        let place = here.child("ports")[position]
        faults += ValueRules.text(port, "name", place, isRequired: ports.count > 1, NameRules.dnsLabel)
        faults += ValueRules.portNumber(port["port"]?.int ?? 0, place.child("port"))
        faults += ValueRules.choice(port, "protocol", of: "EndpointPort", place, isRequired: true)
        faults += ValueRules.text(port, "appProtocol", place, NameRules.qualifiedName)
      }
    }
    return faults
  }

  static func judgeSlice(_ slice: JSON) -> [FieldError] {
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
      for (index, endpoint) in endpoints.enumerated() {
        faults += endpointFaults(endpoint, type, FieldPath("endpoints")[index])
      }
    }
    return faults + slicePortFaults(slice["ports"]?.items ?? [])
  }

  static func compareSlices(_ old: JSON, _ new: JSON) -> [FieldError] {
    guard old["addressType"] != new["addressType"] else { return [] }
    return [.invalid(FieldPath("addressType"), new["addressType"] ?? "", "field is immutable")]
  }

  private static func endpointFaults(_ endpoint: JSON, _ type: String, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    let here = path.child("addresses")
    let addresses = (endpoint["addresses"]?.items ?? []).map { $0.string ?? "" }
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
        if IPAddress(address)?.family.kubernetesName == type {
          faults += ValueRules.endpointAddress(address, place)
        } else {
          faults.append(.invalid(place, .string(address), "must be a valid \(type) address"))
        }
      case "FQDN": faults += NameRules.dnsSubdomain(address).map { .invalid(place, .string(address), $0) }
      default: break
      }
    }
    faults += ValueRules.text(endpoint, "nodeName", path, NameRules.dnsSubdomain)
    faults += ValueRules.text(endpoint, "hostname", path, NameRules.dnsLabel)
    for (list, message) in [("forZones", "zones"), ("forNodes", "nodes")] {
      let hints = endpoint[path: "hints", list]?.items ?? []
      if hints.count > 8 {
        faults.append(.tooMany(path.child("hints").child(list), count: hints.count, limit: 8))
      }
      var names: Set<JSON> = []
      for (index, hint) in hints.enumerated() {
        let place = path.child("hints").child(list)[index].child("name")
        guard let name = hint["name"], name != "" else {
          faults.append(.required(place, "\(message) must be named"))
          continue
        }
        if !names.insert(name).inserted { faults.append(.duplicate(place, name)) }
      }
    }
    return faults
  }

  private static func slicePortFaults(_ ports: [JSON]) -> [FieldError] {
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
