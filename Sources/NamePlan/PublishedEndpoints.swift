import ClusterModel
import NetworkTypes

/// The endpoints of a Service that have names, ordered by address, with their ports.
struct PublishedEndpoints: Sendable {
  private(set) var endpoints: [ServiceNames.Endpoint] = []
  private(set) var portSets: [[ServiceNames.Port]] = []

  /// None.
  init() {}

  init(_ slices: [EndpointSliceModel], includingUnready: Bool) {
    var seen: Set<ServiceNames.Endpoint> = []
    endpoints.reserveCapacity(slices.reduce(0) { $0 + $1.endpoints.count })
    for slice in slices {
      let set = slice.ports.compactMap { port in
        port.port.map { ServiceNames.Port(name: port.name, transport: port.transport, number: $0) }
      }
      let index = portSets.firstIndex(of: set) ?? portSets.count
      if index == portSets.count { portSets.append(set) }
      for endpoint in slice.endpoints where endpoint.isReady || includingUnready {
        let hostname = endpoint.hostname.flatMap { (1...63).contains($0.utf8.count) ? $0.lowercased() : nil }
        let item = ServiceNames.Endpoint(address: endpoint.address, portSet: index, hostname: hostname)
        if seen.insert(item).inserted { endpoints.append(item) }
      }
    }
    endpoints.sort { $0.address == $1.address ? $0.label < $1.label : $0.address < $1.address }
  }

  /// Each once.
  var addresses: [IPAddress] {
    var addresses: [IPAddress] = []
    for endpoint in endpoints where addresses.last != endpoint.address { addresses.append(endpoint.address) }
    return addresses
  }
}
