import JSONTree

extension ComputedDefaults {
  /// Three hours, as upstream remembers a client.
  private static let affinitySeconds: JSON = 10800

  static let serviceSpec: Rule = { spec in
    let type = spec["type"]?.string ?? ""
    let isExternal = type == "NodePort" || type == "LoadBalancer"
    if spec["sessionAffinity"] == "ClientIP" {
      var configuration = spec["sessionAffinityConfig"] ?? [:]
      if configuration[path: "clientIP", "timeoutSeconds"] == nil {
        configuration[path: "clientIP", "timeoutSeconds"] = affinitySeconds
      }
      spec["sessionAffinityConfig"] = configuration
    } else if spec["sessionAffinity"] == nil || spec["sessionAffinity"] == "" || spec["sessionAffinity"] == "None" {
      spec["sessionAffinityConfig"] = nil
    }
    let hasExternalAddresses = spec["externalIPs"]?.items.isEmpty == false
    if isExternal || (hasExternalAddresses && type != "ExternalName"), (spec["externalTrafficPolicy"] ?? "") == "" {
      spec["externalTrafficPolicy"] = "Cluster"
    }
    if type != "ExternalName", spec["internalTrafficPolicy"] == nil { spec["internalTrafficPolicy"] = "Cluster" }
    if type == "LoadBalancer", spec["allocateLoadBalancerNodePorts"] == nil {
      spec["allocateLoadBalancerNodePorts"] = true
    }
  }

  static let servicePort: Rule = { port in
    let target = port["targetPort"]
    if target == nil || target == "" || target == 0 { port["targetPort"] = port["port"] }
  }

  /// An address of a load balancer is a virtual one unless said otherwise.
  static let loadBalancerIngress: Rule = { ingress in
    if let address = ingress["ip"], address != "", ingress["ipMode"] == nil { ingress["ipMode"] = "VIP" }
  }
}
