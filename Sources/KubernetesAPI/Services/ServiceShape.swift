package import JSONTree
package import NetworkTypes

/// What a Service's specification says, read the way the API's rules ask for it. What is left out reads as empty.
package struct ServiceShape: Sendable {
  /// What stands for an address where none is wanted.
  package static let noAddress = "None"

  private let spec: JSON

  package init(_ service: JSON) { spec = service.spec }

  package var type: String { spec["type"]?.string ?? "ClusterIP" }
  package var clusterIP: String { spec["clusterIP"]?.string ?? "" }
  package var clusterIPs: [String] { (spec["clusterIPs"]?.items ?? []).map { $0.string ?? "" } }
  /// `ipFamilies`: the primary family first.
  package var families: [String] { (spec["ipFamilies"]?.items ?? []).map { $0.string ?? "" } }
  /// `ipFamilyPolicy`; an empty text is none.
  package var policy: String? { spec["ipFamilyPolicy"]?.string.flatMap { $0.isEmpty ? nil : $0 } }
  package var ports: [JSON] { spec["ports"]?.items ?? [] }
  package var hasSelector: Bool { spec["selector"]?.object?.isEmpty == false }

  package var isExternalName: Bool { type == "ExternalName" }
  package var isLoadBalancer: Bool { type == "LoadBalancer" }
  /// Whether it says that it is to have no address of its own.
  package var isHeadless: Bool { clusterIPs == [Self.noAddress] }
  package var usesNodePorts: Bool { type == "NodePort" || isLoadBalancer }
  /// Whether ports that name no node port are given one.
  package var allocatesNodePorts: Bool {
    type == "NodePort" || (isLoadBalancer && spec["allocateLoadBalancerNodePorts"]?.bool != false)
  }
  /// Whether nodes tell the load balancer which of them have endpoints.
  package var needsHealthPort: Bool { isLoadBalancer && spec["externalTrafficPolicy"] == "Local" }
  /// Whether clients outside the cluster reach it.
  package var isExternallyAccessible: Bool {
    usesNodePorts || (type == "ClusterIP" && spec["externalIPs"]?.items.isEmpty == false)
  }
  /// `healthCheckNodePort`; 0 where there is none.
  package var healthPort: Int64 { spec["healthCheckNodePort"]?.int ?? 0 }

  /// The node ports that are set, as often as they occur.
  package var nodePorts: [Int64] { ports.compactMap { $0["nodePort"]?.int }.filter { $0 != 0 } }

  /// The addresses that a stored Service of this shape has to itself.
  package var heldAddresses: [IPAddress] { isExternalName ? [] : clusterIPs.compactMap { IPAddress($0) } }

  /// The ports of the nodes that a stored Service of this shape has to itself.
  package var heldPorts: Set<Int64> {
    var ports = usesNodePorts ? Set(nodePorts) : []
    if needsHealthPort, healthPort != 0 { ports.insert(healthPort) }
    return ports
  }
}
