import JSONTree

/// Endpoints, the older form of endpoint slices.
extension EndpointValidation {
  static func judgeEndpoints(_ object: JSON) -> [FieldError] { judgeEndpoints(object, replacing: nil) }

  static func compareEndpoints(_ old: JSON, _ new: JSON) -> [FieldError] { judgeEndpoints(new, replacing: old) }

  private static let lists = ["addresses", "notReadyAddresses"]

  private static func judgeEndpoints(_ object: JSON, replacing old: JSON?) -> [FieldError] {
    let known = (old?["subsets"]?.items ?? []).flatMap { subset in
      lists.flatMap { subset[$0]?.items ?? [] }.compactMap { $0["ip"]?.string }
    }
    var faults: [FieldError] = []
    for (index, subset) in (object["subsets"]?.items ?? []).enumerated() {
      let here = FieldPath("subsets")[index]
      if lists.allSatisfy({ subset[$0]?.items.isEmpty != false }) {
        faults.append(.required(here, "must specify `addresses` or `notReadyAddresses`"))
      }
      for list in lists {
        for (position, address) in (subset[list]?.items ?? []).enumerated() {
          let place = here.child(list)[position]
          faults += AddressRules.endpointAddress(address["ip"]?.string ?? "", place.child("ip"), unless: known)
          faults += ValueRules.text(address, "hostname", place, NameRules.dnsLabel)
          faults += ValueRules.text(address, "nodeName", place, NameRules.dnsSubdomain)
        }
      }
      faults += portFaults(subset["ports"]?.items ?? [], here.child("ports"))
    }
    return faults
  }

  private static func portFaults(_ ports: [JSON], _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    for (index, port) in ports.enumerated() {
      let place = path[index]
      faults += ValueRules.text(port, "name", place, isRequired: ports.count > 1, NameRules.dnsLabel)
      faults += ValueRules.portNumber(port["port"]?.int ?? 0, place.child("port"))
      faults += ValueRules.choice(port, "protocol", of: "EndpointPort", place, isRequired: true)
      faults += ValueRules.text(port, "appProtocol", place, NameRules.qualifiedName)
    }
    return faults
  }
}
