package import JSONTree
package import KubernetesAPI
package import NetworkTypes

/// What the network needs of an EndpointSlice.
package struct EndpointSliceModel: Hashable, Sendable {
  package struct Port: Hashable, Sendable {
    package let name: String
    package let transport: TransportProtocol
    /// `nil` means every port, which only consumers other than the proxy can use.
    package let port: UInt16?

    package init(name: String = "", transport: TransportProtocol = .tcp, port: UInt16?) {
      self.name = name
      self.transport = transport
      self.port = port
    }
  }

  package struct Endpoint: Hashable, Sendable {
    package var address: IPAddress
    package var isReady = true
    package var isServing = true
    package var isTerminating = false
    /// Whatever else is known of it; `nil` where that is nothing.
    var shared: EndpointFacts.Shared?
    var podName: String?

    package init(address: IPAddress) { self.address = address }
  }

  package var name: ObjectName
  /// The Service the slice belongs to, from the label `kubernetes.io/service-name`; `nil` without it.
  package var service: ObjectName?
  package var family = IPAddress.Family.v4
  package var ports: [Port] = []
  package var endpoints: [Endpoint] = []
  /// When that happened which the slice's latest state follows from, as its writer says; for measurements.
  package var changeTrigger: Timestamp?

  package init(name: ObjectName) { self.name = name }

  /// Of endpoints that new connections may go to.
  var readyAddresses: Set<IPAddress> { Set(endpoints.lazy.filter(\.isReady).map(\.address)) }
}

extension EndpointSliceModel {
  /// Reads an object of kind EndpointSlice. As the API says, consumers use only the first address of an endpoint;
  /// endpoints whose address is not of the slice's family are left out, and slices of host names have none.
  package init(object: JSON) {
    self.init(name: object.objectName)
    service = object.labels["kubernetes.io/service-name"].map {
      ObjectName(namespace: object.namespace, name: $0)
    }
    family = object["addressType"]?.string == "IPv6" ? .v6 : .v4
    changeTrigger = object.annotations["endpoints.kubernetes.io/last-change-trigger-time"].flatMap { Timestamp($0) }
    ports = (object["ports"]?.items ?? []).compactMap { port in
      guard let transport = TransportProtocol(field: port["protocol"]) else { return nil }
      return Port(
        name: port["name"]?.string ?? "", transport: transport,
        port: port["port"]?.int.flatMap(UInt16.init(exactly:)))
    }
    let items = object["endpoints"]?.items ?? []
    endpoints.reserveCapacity(items.count)
    for item in items {
      guard let text = item["addresses"]?.items.first?.string, let address = IPAddress(text),
        address.family == family
      else { continue }
      endpoints.append(Endpoint(object: item, address: address, namespace: object.namespace))
    }
  }
}

extension EndpointSliceModel.Endpoint {
  /// - Parameter namespace: the slice's.
  fileprivate init(object: JSON, address: IPAddress, namespace: String) {
    self.init(address: address)
    let conditions = object["conditions"]
    isReady = conditions?["ready"]?.bool ?? true
    isServing = conditions?["serving"]?.bool ?? true
    isTerminating = conditions?["terminating"]?.bool ?? false
    var facts = EndpointFacts()
    facts.nodeName = object["nodeName"]?.string
    facts.zone = object["zone"]?.string
    facts.zoneHints = Self.names(object[path: "hints", "forZones"])
    facts.nodeHints = Self.names(object[path: "hints", "forNodes"])
    facts.hostname = object["hostname"]?.string
    if let target = object["targetRef"], target["kind"]?.string == "Pod", let name = target["name"]?.string {
      podName = name
      facts.podNamespace = target["namespace"]?.string ?? namespace
    }
    shared = facts.shared
  }

  private static func names(_ hints: JSON?) -> Set<String> {
    Set((hints?.items ?? []).compactMap { $0["name"]?.string }.filter { !$0.isEmpty })
  }
}
