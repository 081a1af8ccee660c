package import JSONTree
package import KubernetesAPI
package import NetworkTypes

/// What the network needs of a Service.
package struct ServiceModel: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable {
    case clusterIP = "ClusterIP"
    case nodePort = "NodePort"
    case loadBalancer = "LoadBalancer"
    case externalName = "ExternalName"
  }

  package struct Port: Hashable, Sendable {
    /// Empty where a Service has one unnamed port.
    package let name: String
    package let transport: TransportProtocol
    package let port: UInt16
    package let nodePort: UInt16?

    package init(name: String = "", transport: TransportProtocol = .tcp, port: UInt16, nodePort: UInt16? = nil) {
      self.name = name
      self.transport = transport
      self.port = port
      self.nodePort = nodePort
    }
  }

  package var name: ObjectName
  package var uid = ""
  package var kind = Kind.clusterIP
  /// Empty for headless Services and external names.
  package var clusterIPs: [IPAddress] = []
  package var isHeadless = false
  package var ports: [Port] = []
  /// The name a Service of kind `externalName` points to, as written.
  package var externalName: String?
  package var externalIPs: [IPAddress] = []
  /// Addresses in `status.loadBalancer.ingress` whose mode is VIP.
  package var loadBalancerIPs: [IPAddress] = []
  /// Seconds a client stays with its endpoint; `nil` without affinity.
  package var affinitySeconds: Int?
  package var publishesNotReady = false
  package var internalTrafficIsLocal = false
  package var externalTrafficIsLocal = false
  /// The label `service.kubernetes.io/service-proxy-name`: another proxy is in charge.
  package var foreignProxyName: String?

  package init(name: ObjectName) { self.name = name }
}

extension ServiceModel {
  /// Reads an object of kind Service. Addresses and ports that do not parse are left out: admission refuses them.
  package init(object: JSON) {
    let spec = object.spec
    self.init(name: object.objectName)
    uid = object.uid
    kind = spec["type"]?.string.flatMap(Kind.init) ?? .clusterIP
    let texts = (spec["clusterIPs"]?.items ?? spec["clusterIP"].map { [$0] } ?? []).compactMap(\.string)
    isHeadless = kind != .externalName && texts.first == "None"
    clusterIPs = texts.compactMap { IPAddress($0) }
    ports = (spec["ports"]?.items ?? []).compactMap { port in
      guard let number = port["port"]?.int.flatMap(UInt16.init(exactly:)) else { return nil }
      return Port(
        name: port["name"]?.string ?? "",
        transport: port["protocol"]?.string.flatMap(TransportProtocol.init) ?? .tcp, port: number,
        nodePort: port["nodePort"]?.int.flatMap(UInt16.init(exactly:)).flatMap { $0 == 0 ? nil : $0 })
    }
    externalName = kind == .externalName ? spec["externalName"]?.string : nil
    externalIPs = (spec["externalIPs"]?.items ?? []).compactMap { $0.string.flatMap { IPAddress($0) } }
    loadBalancerIPs = (object.status[path: "loadBalancer", "ingress"]?.items ?? []).compactMap { ingress in
      guard ingress["ipMode"]?.string ?? "VIP" == "VIP" else { return nil }
      return ingress["ip"]?.string.flatMap { IPAddress($0) }
    }
    if spec["sessionAffinity"]?.string == "ClientIP" {
      let seconds = spec[path: "sessionAffinityConfig", "clientIP", "timeoutSeconds"]?.int
      affinitySeconds = Int(seconds ?? 10_800)
    }
    publishesNotReady = spec["publishNotReadyAddresses"]?.bool ?? false
    internalTrafficIsLocal = spec["internalTrafficPolicy"]?.string == "Local"
    externalTrafficIsLocal = spec["externalTrafficPolicy"]?.string == "Local"
    foreignProxyName = object.labels["service.kubernetes.io/service-proxy-name"]
  }
}
