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
  /// All that belong to it, in this order: its cluster's, external and load balancer's.
  package var addresses: [IPAddress] { clusterIPs + externalIPs + loadBalancerIPs }
  /// Whose load balancer it wants; `nil`: the cluster's own.
  package var loadBalancerClass: String?
  /// Seconds a client stays with its endpoint; `nil` without affinity.
  package var affinitySeconds: Int?
  package var publishesNotReady = false
  package var internalTrafficIsLocal = false
  package var externalTrafficIsLocal = false
  /// The label `service.kubernetes.io/service-proxy-name`: another proxy is in charge.
  package var foreignProxyName: String?
  /// The label `service.kubernetes.io/headless`: the Service may have addresses, and no proxy is to serve them.
  package var hasHeadlessLabel = false
  /// Who may use the load balancer's addresses; empty for everybody.
  package var loadBalancerSourceRanges: [CIDR] = []
  /// The node port on which each node says whether it has endpoints, for load balancers outside; set where external
  /// traffic goes to local endpoints only.
  package var healthCheckNodePort: UInt16?

  package init(name: ObjectName) { self.name = name }

  /// By its labels the Service is not for this proxy. Both may come and go while the Service lives.
  package var isLeftToOthers: Bool { foreignProxyName != nil || hasHeadlessLabel }
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
      guard let number = port["port"]?.int.flatMap(UInt16.init(exactly:)), number != 0,
        let transport = TransportProtocol(field: port["protocol"])
      else { return nil }
      return Port(
        name: port["name"]?.string ?? "", transport: transport, port: number,
        nodePort: port["nodePort"]?.int.flatMap(UInt16.init(exactly:)).flatMap { $0 == 0 ? nil : $0 })
    }
    externalName = kind == .externalName ? spec["externalName"]?.string : nil
    externalIPs = (spec["externalIPs"]?.items ?? []).compactMap { $0.string.flatMap { IPAddress($0) } }
    loadBalancerIPs = (object.status[path: "loadBalancer", "ingress"]?.items ?? []).compactMap { ingress in
      guard ingress["ipMode"]?.string ?? "VIP" == "VIP" else { return nil }
      return ingress["ip"]?.string.flatMap { IPAddress($0) }
    }
    loadBalancerClass = spec["loadBalancerClass"]?.string
    if spec["sessionAffinity"]?.string == "ClientIP" {
      let seconds = spec[path: "sessionAffinityConfig", "clientIP", "timeoutSeconds"]?.int
      affinitySeconds = Int(seconds ?? 10_800)
    }
    publishesNotReady = spec["publishNotReadyAddresses"]?.bool ?? false
    internalTrafficIsLocal = spec["internalTrafficPolicy"]?.string == "Local"
    externalTrafficIsLocal = spec["externalTrafficPolicy"]?.string == "Local"
    foreignProxyName = object.labels["service.kubernetes.io/service-proxy-name"]
    hasHeadlessLabel = object.labels["service.kubernetes.io/headless"] != nil
    if kind == .loadBalancer {
      loadBalancerSourceRanges = (spec["loadBalancerSourceRanges"]?.items ?? []).compactMap { range in
        range.string.flatMap { CIDR($0.filter { $0 != " " }) }
      }
      let port = spec["healthCheckNodePort"]?.int.flatMap(UInt16.init(exactly:))
      healthCheckNodePort = externalTrafficIsLocal ? port.flatMap { $0 == 0 ? nil : $0 } : nil
    }
  }
}

extension TransportProtocol {
  /// A port's field `protocol`: TCP without one, `nil` for a name nobody knows.
  init?(field: JSON?) {
    guard let text = field?.string, !text.isEmpty else {
      self = .tcp
      return
    }
    self.init(rawValue: text)
  }
}
