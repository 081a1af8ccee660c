import JSONTree

extension TableLayout {
  static let service = TableLayout(
    columns: [
      .name, TableColumn("Type", "How the service is reached."),
      TableColumn("Cluster-IP", "Its address inside the cluster."),
      TableColumn("External-IP", "Its addresses outside the cluster."),
      TableColumn("Port(s)", "Ports, with node ports where there are any."), .age, .selector,
    ]
  ) { object, now in
    let spec = object.spec
    let address = spec["clusterIPs"]?.items.first?.string ?? spec["clusterIP"]?.string ?? ""
    return [
      .string(object.name), .string(spec["type"]?.string ?? ""), .string(address.isEmpty ? "<none>" : address),
      .string(externalAddresses(object)), .string(portList(spec["ports"]?.items ?? [])), .string(object.age(now)),
      .string(JSON.labelText(spec["selector"])),
    ]
  }

  private static func externalAddresses(_ service: JSON) -> String {
    let external = (service.spec["externalIPs"]?.items ?? []).compactMap(\.string)
    switch service.spec["type"]?.string {
    case "ClusterIP", "NodePort": return external.isEmpty ? "<none>" : external.joined(separator: ",")
    case "LoadBalancer":
      let ingress = service.status[path: "loadBalancer", "ingress"]?.items ?? []
      let places = ingress.compactMap { place in
        ["ip", "hostname"].lazy.compactMap { place[$0]?.string }.first { !$0.isEmpty }
      }
      let addresses = Set(places).sorted() + external
      return addresses.isEmpty ? "<pending>" : addresses.joined(separator: ",")
    case "ExternalName": return service.spec["externalName"]?.string ?? ""
    default: return "<unknown>"
    }
  }

  private static func portList(_ ports: [JSON]) -> String {
    if ports.isEmpty { return "<none>" }
    return ports.map { port in
      let node = port["nodePort"]?.int ?? 0
      let number = "\(port["port"]?.int ?? 0)\(node > 0 ? ":\(node)" : "")"
      return "\(number)/\(port["protocol"]?.string ?? "")"
    }.joined(separator: ",")
  }

  static let endpoints = TableLayout(
    columns: [.name, TableColumn("Endpoints", "Addresses and ports that are ready."), .age]
  ) { object, now in
    var list: [String] = []
    for subset in object["subsets"]?.items ?? [] {
      let addresses = (subset["addresses"]?.items ?? []).compactMap { $0["ip"]?.string }
      let ports = (subset["ports"]?.items ?? []).map { $0["port"]?.int ?? 0 }
      if ports.isEmpty { list += addresses }
      for port in ports { list += addresses.map { $0.contains(":") ? "[\($0)]:\(port)" : "\($0):\(port)" } }
    }
    return [.string(object.name), .string(list.isEmpty ? "<none>" : shortened(list)), .string(object.age(now))]
  }

  static let endpointSlice = TableLayout(
    columns: [
      .name, TableColumn("AddressType", "The family of the addresses."), TableColumn("Ports", "The ports."),
      TableColumn("Endpoints", "The addresses."), .age,
    ]
  ) { object, now in
    let ports = (object["ports"]?.items ?? []).map { port in
      port["port"]?.int.map { "\($0)" } ?? port["name"]?.string ?? "*"
    }
    let addresses = (object["endpoints"]?.items ?? []).flatMap { $0["addresses"]?.items ?? [] }.compactMap(\.string)
    return [
      .string(object.name), .string(object["addressType"]?.string ?? ""),
      .string(ports.isEmpty ? "<unset>" : shortened(ports)),
      .string(addresses.isEmpty ? "<unset>" : shortened(addresses)), .string(object.age(now)),
    ]
  }

  /// The first three, and how many more there are.
  private static func shortened(_ list: [String]) -> String {
    let text = list.prefix(3).joined(separator: ",")
    return list.count > 3 ? "\(text) + \(list.count - 3) more..." : text
  }
}
