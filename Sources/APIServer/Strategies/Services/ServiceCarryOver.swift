import JSONTree
import KubernetesAPI

/// What an update of a Service takes over from it as it was, and what goes with a type that it no longer has.
enum ServiceCarryOver {
  /// `clusterIPs` after `clusterIP`, for clients that know the older of the two alone.
  static func align(_ service: inout JSON, replacing old: JSON?) {
    let now = ServiceShape(service)
    guard let old else {
      if !now.clusterIP.isEmpty, now.clusterIPs.isEmpty { setAddresses(&service, [now.clusterIP]) }
      return
    }
    let was = ServiceShape(old)
    if now.clusterIPs.isEmpty, !was.clusterIPs.isEmpty, was.clusterIP == now.clusterIP {
      setAddresses(&service, was.clusterIPs)
    }
    // Where both have changed, the rules of validation tell whether they agree.
    guard was.clusterIP != now.clusterIP, was.clusterIPs == ServiceShape(service).clusterIPs else { return }
    setAddresses(&service, now.clusterIP.isEmpty ? [] : [now.clusterIP])
  }

  private static func setAddresses(_ service: inout JSON, _ addresses: [String]) {
    service[path: "spec", "clusterIPs"] = addresses.isEmpty ? nil : .array(addresses.map { .string($0) })
  }

  /// What was allocated before stays where the update leaves it out, so that a manifest can be applied twice.
  static func keepAllocated(_ service: inout JSON, of old: JSON) {
    let (was, now) = (ServiceShape(old), ServiceShape(service))
    if !was.isExternalName, !now.isExternalName {
      if now.clusterIP.isEmpty { service[path: "spec", "clusterIP"] = old.spec["clusterIP"] }
      if now.clusterIPs.isEmpty { setAddresses(&service, was.clusterIPs) }
    }
    if was.usesNodePorts, now.usesNodePorts { keepNodePorts(&service, was, now) }
    if was.needsHealthPort, now.needsHealthPort, now.healthPort == 0 {
      service[path: "spec", "healthCheckNodePort"] = old.spec["healthCheckNodePort"]
    }
  }

  /// By the names of the ports; a node port that the update gives to another port is not kept.
  private static func keepNodePorts(_ service: inout JSON, _ was: ServiceShape, _ now: ServiceShape) {
    let used = Set(was.nodePorts).intersection(now.nodePorts)
    let byName = Dictionary(
      was.ports.map { ($0["name"]?.string ?? "", $0["nodePort"]?.int ?? 0) }, uniquingKeysWith: { $1 })
    var ports = now.ports
    for index in ports.indices where (ports[index]["nodePort"]?.int ?? 0) == 0 {
      guard let port = byName[ports[index]["name"]?.string ?? ""], port != 0, !used.contains(port) else { continue }
      ports[index]["nodePort"] = .int(port)
    }
    service[path: "spec", "ports"] = .array(ports)
  }

  /// A field that the new type does not have goes with the old type, unless the client has set it anew.
  static func dropFieldsOfOldType(_ service: inout JSON, of old: JSON) {
    let (was, now) = (ServiceShape(old), ServiceShape(service))
    if now.isExternalName, !was.isExternalName {
      if was.clusterIP == now.clusterIP, was.clusterIPs == now.clusterIPs {
        for member in ["clusterIP", "clusterIPs"] { service[path: "spec", member] = nil }
      }
      if was.families == now.families { service[path: "spec", "ipFamilies"] = nil }
      if was.policy == now.policy { service[path: "spec", "ipFamilyPolicy"] = nil }
    }
    if was.usesNodePorts, !now.usesNodePorts, Set(was.nodePorts).isSuperset(of: now.nodePorts) {
      var ports = now.ports
      for index in ports.indices { ports[index]["nodePort"] = nil }
      if !ports.isEmpty { service[path: "spec", "ports"] = .array(ports) }
    }
    for (member, had, has) in [
      ("healthCheckNodePort", was.needsHealthPort, now.needsHealthPort),
      ("allocateLoadBalancerNodePorts", was.isLoadBalancer, now.isLoadBalancer),
      ("loadBalancerClass", was.isLoadBalancer, now.isLoadBalancer),
      ("externalTrafficPolicy", was.isExternallyAccessible, now.isExternallyAccessible),
    ] where had && !has && service.spec[member] == old.spec[member] {
      service[path: "spec", member] = nil
    }
    // The load balancer goes a while later; nobody need see that.
    if !now.isLoadBalancer { service[path: "status", "loadBalancer"] = [:] }
  }
}
