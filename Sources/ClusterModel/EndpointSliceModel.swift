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
    package var nodeName: String?
    package var zone: String?
    /// Zones and nodes whose clients the endpoint is meant for; empty without such hints.
    package var zoneHints: Set<String> = []
    package var nodeHints: Set<String> = []
    package var hostname: String?
    /// The pod behind the address, where `targetRef` names one.
    package var pod: ObjectName?

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
    endpoints = (object["endpoints"]?.items ?? []).compactMap { item in
      guard let text = item["addresses"]?.items.first?.string, let address = IPAddress(text),
        address.family == family
      else { return nil }
      var endpoint = Endpoint(address: address)
      let conditions = item["conditions"]
      endpoint.isReady = conditions?["ready"]?.bool ?? true
      endpoint.isServing = conditions?["serving"]?.bool ?? true
      endpoint.isTerminating = conditions?["terminating"]?.bool ?? false
      endpoint.nodeName = item["nodeName"]?.string
      endpoint.zone = item["zone"]?.string
      endpoint.zoneHints = Self.names(item[path: "hints", "forZones"])
      endpoint.nodeHints = Self.names(item[path: "hints", "forNodes"])
      endpoint.hostname = item["hostname"]?.string
      if let target = item["targetRef"], target["kind"]?.string == "Pod", let name = target["name"]?.string {
        endpoint.pod = ObjectName(namespace: target["namespace"]?.string ?? object.namespace, name: name)
      }
      return endpoint
    }
  }

  private static func names(_ hints: JSON?) -> Set<String> {
    Set((hints?.items ?? []).compactMap { $0["name"]?.string }.filter { !$0.isEmpty })
  }
}
