import JSONTree

/// The ports of Services.
extension ServiceValidation {
  static func portFaults(_ ports: [JSON]) -> [FieldError] {
    var faults: [FieldError] = []
    var names: Set<String> = []
    for (index, port) in ports.enumerated() {
      let here = path.child("ports")[index]
      if let name = port["name"]?.string, !name.isEmpty {
        faults += NameRules.dnsLabel(name).map { .invalid(here.child("name"), .string(name), $0) }
        if !names.insert(name).inserted { faults.append(.duplicate(here.child("name"), .string(name))) }
      } else if ports.count > 1 {
        faults.append(.required(here.child("name")))
      }
      faults += ValueRules.portNumber(port["port"]?.int ?? 0, here.child("port"))
      faults += ValueRules.choice(port, "protocol", of: "ServicePort", here, isRequired: true)
      if port["targetPort"] == "" {
        faults.append(.required(here.child("targetPort")))
      } else {
        faults += ValueRules.port(port["targetPort"], here.child("targetPort"))
      }
      if let name = port["appProtocol"]?.string {
        faults += NameRules.qualifiedName(name).map { .invalid(here.child("appProtocol"), .string(name), $0) }
      }
    }
    return faults
  }

  static func nodePortFaults(_ shape: ServiceShape) -> [FieldError] {
    var faults: [FieldError] = []
    var seen: Set<String> = []
    for (index, port) in shape.ports.enumerated() {
      let here = path.child("ports")[index].child("nodePort")
      guard let number = port["nodePort"]?.int, number != 0 else { continue }
      if shape.type == "ClusterIP" { faults.append(.forbidden(here, "may not be used when `type` is 'ClusterIP'")) }
      if !seen.insert("\(port["protocol"]?.string ?? "")/\(number)").inserted {
        faults.append(.duplicate(here, .int(number)))
      }
    }
    return faults
  }

  static func repeatedPorts(_ ports: [JSON]) -> [FieldError] {
    var seen: Set<String> = []
    var faults: [FieldError] = []
    for (index, port) in ports.enumerated() {
      let transport = port["protocol"]?.string ?? ""
      let number = port["port"]?.int ?? 0
      guard !seen.insert("\(transport)/\(number)").inserted else { continue }
      // The value as upstream shows it: a port of its own inner form, of which these two are set.
      faults.append(
        .duplicate(
          path.child("ports")[index],
          [
            "Name": "", "Protocol": .string(transport), "AppProtocol": .null, "Port": .int(number), "TargetPort": 0,
            "NodePort": 0,
          ]))
    }
    return faults
  }
}
