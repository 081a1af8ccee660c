import KubernetesAPI
import NetworkTypes

/// The answers at and below one Service's name.
struct ServiceAnswers {
  let service: ServiceNames
  let zone: DNSName
  let query: Query

  /// At the Service's own name. SRV lists all its ports, as clients that look for peers expect.
  var own: NameResolution {
    if case .external(let target) = service.kind { return alias(to: target) }
    if query.type == .srv { return serviceRecords { _ in true } }
    return query.answer(service.addresses.map(RecordData.address))
  }

  /// `HOSTNAME.SERVICE`, or the `_tcp` between a port and the Service.
  func child(_ label: String) -> NameResolution {
    if label.hasPrefix("_") {
      let exists = allPorts.contains { "_\($0.transport.rawValue.lowercased())" == label && !$0.name.isEmpty }
      return NameResolution(exists ? .noData : .noSuchName)
    }
    let addresses = service.endpoints.filter { $0.label == label }.map(\.address)
    return addresses.isEmpty ? NameResolution(.noSuchName) : query.answer(unique(addresses).map(RecordData.address))
  }

  /// `_PORT._PROTOCOL.SERVICE`: named ports only.
  func port(_ label: String, protocolLabel: String) -> NameResolution {
    let isMeant = { (port: ServiceNames.Port) in
      !port.name.isEmpty && "_\(port.name.lowercased())" == label
        && "_\(port.transport.rawValue.lowercased())" == protocolLabel
    }
    guard allPorts.contains(where: isMeant) else { return NameResolution(.noSuchName) }
    guard query.type == .srv || query.type == .any else { return NameResolution(.noData) }
    return serviceRecords(isMeant)
  }

  private var allPorts: [ServiceNames.Port] { service.ports + service.portSets.flatMap { $0 } }

  private func alias(to target: DNSName) -> NameResolution {
    guard target != .root else { return NameResolution(.noData) }
    return NameResolution(.found, answers: [NameRecord(query.name, ttl: query.ttl, .alias(target))])
  }

  private func serviceRecords(_ isMeant: (ServiceNames.Port) -> Bool) -> NameResolution {
    service.kind == .headless ? endpointRecords(isMeant) : clusterRecords(isMeant)
  }

  private func clusterRecords(_ isMeant: (ServiceNames.Port) -> Bool) -> NameResolution {
    guard let target = service.fullName(zone: zone) else { return NameResolution(.noData) }
    let records = service.ports.filter(isMeant).map {
      RecordData.service(priority: 0, weight: 100, port: $0.number, target: target)
    }
    return finish(records, service.clusterIPs.map { (target, $0) })
  }

  /// One record for each endpoint and port; the weight of 100 is shared among the endpoints.
  private func endpointRecords(_ isMeant: (ServiceNames.Port) -> Bool) -> NameResolution {
    var records: [RecordData] = []
    var targets: [(DNSName, IPAddress)] = []
    let weight = UInt16(max(1, 100 / max(1, service.endpoints.count)))
    for endpoint in service.endpoints {
      let ports = service.portSets[endpoint.portSet].filter(isMeant)
      guard !ports.isEmpty, let target = service.fullName(of: endpoint, zone: zone) else { continue }
      for port in ports {
        let record = RecordData.service(priority: 0, weight: weight, port: port.number, target: target)
        // The two families of one host share its name.
        if !records.contains(record) { records.append(record) }
      }
      targets.append((target, endpoint.address))
    }
    return finish(records, targets)
  }

  private func finish(_ records: [RecordData], _ targets: [(DNSName, IPAddress)]) -> NameResolution {
    var resolution = query.answer(records)
    guard resolution.outcome == .found else { return resolution }
    resolution.additional = targets.map { NameRecord($0.0, ttl: query.ttl, .address($0.1)) }
    return resolution
  }

  private func unique(_ addresses: [IPAddress]) -> [IPAddress] {
    var seen: Set<IPAddress> = []
    return addresses.filter { seen.insert($0).inserted }
  }
}

extension ServiceNames {
  func fullName(zone: DNSName) -> DNSName? {
    DNSName(labels: [name.name, name.namespace, "svc"])?.appending(zone)
  }

  func fullName(of endpoint: Endpoint, zone: DNSName) -> DNSName? {
    DNSName(labels: [endpoint.label, name.name, name.namespace, "svc"])?.appending(zone)
  }

  /// The names an address' reverse name points to.
  func pointers(for address: IPAddress, zone: DNSName) -> [DNSName] {
    if clusterIPs.contains(address) { return [fullName(zone: zone)].compactMap { $0 } }
    return endpoints.filter { $0.address == address }.compactMap { fullName(of: $0, zone: zone) }
  }
}
