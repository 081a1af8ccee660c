import JSONTree
import KubernetesAPI

extension ServiceStrategy {
  /// A field that the new type does not have goes with the old type, unless the client has set it anew (upstream's
  /// `dropTypeDependentFields`).
  static func dropFieldsOfOldType(_ object: inout JSON, of old: JSON) {
    let kept = Set((old[path: "spec", "ports"]?.items ?? []).map { PortUse($0) })
    let ports = object[path: "spec", "ports"]?.items ?? []
    if needsNodePorts(old), !needsNodePorts(object), ports.allSatisfy({ kept.contains(PortUse($0)) }) {
      object[path: "spec", "ports"] = .array(
        ports.map { port in
          var port = port
          port["nodePort"] = nil
          return port
        })
    }
    let isBalanced = { (service: JSON) in type(service) == "LoadBalancer" }
    for (member, isNeeded) in [
      ("externalTrafficPolicy", isExternal), ("allocateLoadBalancerNodePorts", isBalanced),
      ("loadBalancerClass", isBalanced), ("healthCheckNodePort", needsHealthPort),
    ] where isNeeded(old) && !isNeeded(object) && object.spec[member] == old.spec[member] {
      object[path: "spec", member] = nil
    }
  }

  static func needsNodePorts(_ service: JSON) -> Bool {
    let type = type(service)
    return type == "NodePort"
      || (type == "LoadBalancer" && service[path: "spec", "allocateLoadBalancerNodePorts"]?.bool != false)
  }

  /// Whether clients outside the cluster reach it.
  private static func isExternal(_ service: JSON) -> Bool {
    ["NodePort", "LoadBalancer"].contains(type(service)) || !(service.spec["externalIPs"]?.items ?? []).isEmpty
  }

  private static func needsHealthPort(_ service: JSON) -> Bool {
    type(service) == "LoadBalancer" && service.spec["externalTrafficPolicy"] == "Local"
  }
}
