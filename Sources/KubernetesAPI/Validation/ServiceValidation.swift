import JSONTree

/// Services. What concerns allocated addresses (immutability, ranges) is the allocator's to judge.
enum ServiceValidation {
  static func judge(_ service: JSON) -> [FieldError] {
    let spec = service.spec
    let path = FieldPath("spec")
    let type = spec["type"]?.string ?? ""
    let isHeadless = spec["clusterIP"] == "None"
    let ports = spec["ports"]?.items ?? []
    var faults: [FieldError] = []
    if ports.isEmpty, !isHeadless, type != "ExternalName" { faults.append(.required(path.child("ports"))) }
    faults += typeFaults(spec, type, isHeadless: isHeadless, path)
    faults += portFaults(ports, type, path.child("ports"))
    faults += MetadataValidation.labelFaults(spec["selector"], path.child("selector"))
    faults += affinityFaults(spec, path)
    faults += addressFaults(spec, path)
    faults += policyFaults(spec, type, path)
    return faults
  }

  private static func typeFaults(
    _ spec: JSON, _ type: String, isHeadless: Bool, _ path: FieldPath
  ) -> [FieldError] {
    var faults = ValueRules.choice(spec, "type", of: "ServiceSpec", path, isRequired: true)
    switch type {
    case "LoadBalancer", "NodePort":
      if isHeadless {
        faults.append(
          .invalid(path.child("clusterIPs")[0], "None", "may not be set to 'None' for \(type) services"))
      }
    case "ExternalName":
      if spec["clusterIPs"]?.items.isEmpty == false || (spec["clusterIP"]?.string ?? "") != "" {
        faults.append(.forbidden(path.child("clusterIPs"), "may not be set for ExternalName services"))
      }
      var name = spec["externalName"]?.string ?? ""
      if name.hasSuffix(".") { name.removeLast() }
      if name.isEmpty {
        faults.append(.required(path.child("externalName")))
      } else {
        faults += NameRules.dnsSubdomain(name).map { .invalid(path.child("externalName"), .string(name), $0) }
      }
    default: break
    }
    return faults
  }

  private static func portFaults(_ ports: [JSON], _ type: String, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    var names: Set<String> = []
    var places: Set<String> = []
    var nodePorts: Set<String> = []
    for (index, port) in ports.enumerated() {
      let here = path[index]
      if let name = port["name"]?.string, !name.isEmpty {
        faults += NameRules.dnsLabel(name).map { .invalid(here.child("name"), .string(name), $0) }
        if !names.insert(name).inserted { faults.append(.duplicate(here.child("name"), .string(name))) }
      } else if ports.count > 1 {
        faults.append(.required(here.child("name")))
      }
      let number = port["port"]?.int ?? 0
      faults += ValueRules.portNumber(number, here.child("port"))
      faults += ValueRules.choice(port, "protocol", of: "ServicePort", here, isRequired: true)
      faults += ValueRules.port(port["targetPort"], here.child("targetPort"))
      faults += ValueRules.text(port, "appProtocol", here, NameRules.qualifiedName)
      let transport = port["protocol"]?.string ?? ""
      if !places.insert("\(transport)/\(number)").inserted {
        faults.append(.duplicate(here, ["protocol": .string(transport), "port": .int(number)]))
      }
      let nodePort = port["nodePort"]?.int ?? 0
      guard nodePort != 0 else { continue }
      if type == "ClusterIP" {
        faults.append(.forbidden(here.child("nodePort"), "may not be used when `type` is 'ClusterIP'"))
      } else if !nodePorts.insert("\(transport)/\(nodePort)").inserted {
        faults.append(.duplicate(here.child("nodePort"), .int(nodePort)))
      }
    }
    return faults
  }

  private static func affinityFaults(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
    var faults = ValueRules.choice(spec, "sessionAffinity", of: "ServiceSpec", path, isRequired: true)
    let configuration = spec["sessionAffinityConfig"]
    if spec["sessionAffinity"] == "ClientIP" {
      let here = FieldPath("spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds")
      let seconds = configuration?[path: "clientIP", "timeoutSeconds"]?.int ?? 0
      if !(1...86400).contains(seconds) {
        faults.append(.invalid(here, .int(seconds), "must be greater than 0 and less than 86400"))
      }
    } else if configuration != nil {
      faults.append(
        .forbidden(path.child("sessionAffinityConfig"), "must not be set when session affinity is None"))
    }
    return faults
  }

  private static func addressFaults(_ spec: JSON, _ path: FieldPath) -> [FieldError] {
    var faults: [FieldError] = []
    for (index, address) in (spec["externalIPs"]?.items ?? []).enumerated() {
      faults += ValueRules.endpointAddress(address.string ?? "", path.child("externalIPs")[index])
    }
    let addresses = spec["clusterIPs"]?.items ?? []
    if let first = addresses.first, let own = spec["clusterIP"], own != "", first != own {
      faults.append(.invalid(path.child("clusterIPs"), .array(addresses), "first value must match `clusterIP`"))
    }
    for (index, address) in addresses.enumerated() where address != "None" {
      faults += ValueRules.address(address.string ?? "", path.child("clusterIPs")[index])
    }
    if addresses.isEmpty, let own = spec["clusterIP"]?.string, !own.isEmpty, own != "None" {
      faults += ValueRules.address(own, path.child("clusterIPs")[0])
    }
    return faults
  }

  private static func policyFaults(_ spec: JSON, _ type: String, _ path: FieldPath) -> [FieldError] {
    var faults = ValueRules.choice(spec, "externalTrafficPolicy", of: "ServiceSpec", path)
    faults += ValueRules.choice(spec, "internalTrafficPolicy", of: "ServiceSpec", path)
    faults += ValueRules.choice(spec, "ipFamilyPolicy", of: "ServiceSpec", path)
    let isExternal = type == "NodePort" || type == "LoadBalancer" || spec["externalIPs"]?.items.isEmpty == false
    if !isExternal, let policy = spec["externalTrafficPolicy"], policy != "" {
      faults.append(
        .invalid(
          path.child("externalTrafficPolicy"), policy, "may only be set for externally-accessible services"))
    }
    if let ranges = spec["loadBalancerSourceRanges"]?.items, !ranges.isEmpty {
      let here = path.child("loadBalancerSourceRanges")
      if type != "LoadBalancer" {
        faults.append(.forbidden(here, "may only be used when `type` is 'LoadBalancer'"))
      }
      for (index, range) in ranges.enumerated() { faults += ValueRules.block(range.string ?? "", here[index]) }
    }
    for name in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] where type != "LoadBalancer" {
      guard spec[name] != nil else { continue }
      faults.append(.forbidden(path.child(name), "may only be used when `type` is 'LoadBalancer'"))
    }
    if let port = spec["healthCheckNodePort"]?.int, port != 0,
      type != "LoadBalancer" || spec["externalTrafficPolicy"] != "Local"
    {
      faults.append(
        .invalid(
          path.child("healthCheckNodePort"), .int(port),
          "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"))
    }
    return faults
  }
}
