import JSONTree
import KubernetesAPI
import NetworkTypes

/// Where the `proxy` subresource of a pod, a service or a node leads.
struct BackendTarget: Sendable, Hashable {
  enum Security: Sendable, Hashable {
    case none
    /// TLS whose certificate nobody checks: pods have none that the cluster's authority knows.
    case unverified
    /// TLS with the server's certificate for agents.
    case agent
  }

  let address: IPAddress
  let port: UInt16
  let security: Security

  /// The `[SCHEME:]NAME[:PORT]` by which an object to connect to is called.
  struct Reference: Hashable {
    let scheme: String
    let name: String
    let port: String

    /// `nil` for what has another form.
    init?(_ text: String) {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      switch parts.count {
      case 1: (scheme, name, port) = ("", parts[0], "")
      case 2: (scheme, name, port) = ("", parts[0], parts[1])
      case 3 where ["", "http", "https"].contains(parts[0]): (scheme, name, port) = (parts[0], parts[1], parts[2])
      default: return nil
      }
      if name.isEmpty { return nil }
    }

    var security: Security { scheme == "https" ? .unverified : .none }
  }

  /// Throws upstream's refusals: no such object, an address that is not to be reached, no endpoints.
  static func find(_ info: RequestInfo, kind: ResourceKind, registry: Registry) throws(APIStatus) -> BackendTarget {
    let singular = kind.kind.lowercased()
    guard let reference = Reference(info.name) else {
      throw .badRequest("invalid \(singular) request \"\(info.name)\"")
    }
    let name = ObjectName(namespace: kind.isNamespaced ? info.namespace : "", name: reference.name)
    guard let object = try registry.object(kind, name)?.tree() else { throw .notFound(kind, reference.name) }
    switch kind {
    case .pods: return try ofPod(object, reference)
    case .services: return try ofService(object, reference, info, registry)
    case .nodes: return try ofNode(object, reference)
    default: throw .unknownPath
    }
  }

  private static func ofPod(_ pod: JSON, _ reference: Reference) throws(APIStatus) -> BackendTarget {
    var port = reference.port
    if port.isEmpty {
      let declared = (pod[path: "spec", "containers"]?.items ?? []).lazy.compactMap {
        $0["ports"]?.items.first?["containerPort"]?.int
      }
      port = declared.first.map { "\($0)" } ?? (reference.scheme == "https" ? "443" : "80")
    }
    guard let address = pod[path: "status", "podIP"]?.string.flatMap({ IPAddress($0) }), isReachable(address) else {
      throw .badRequest("address not allowed")
    }
    return BackendTarget(address: address, port: try number(port, of: address), security: reference.security)
  }

  /// Takes one of the ready endpoints by chance.
  private static func ofService(
    _ service: JSON, _ reference: Reference, _ info: RequestInfo, _ registry: Registry
  ) throws(APIStatus) -> BackendTarget {
    var portName = reference.port
    if let number = Int64(portName) {
      let ports = service[path: "spec", "ports"]?.items ?? []
      guard let port = ports.first(where: { $0["port"]?.int == number }) else {
        throw .unavailable("no service port \(number) found for service \"\(reference.name)\"")
      }
      portName = port["name"]?.string ?? ""
    }
    let name = ObjectName(namespace: info.namespace, name: reference.name)
    let subsets = try registry.object(.endpoints, name)?.tree()["subsets"]?.items ?? []
    guard !subsets.isEmpty else { throw .unavailable("no endpoints available for service \"\(reference.name)\"") }
    for subset in subsets.shuffled() {
      let ports = subset["ports"]?.items ?? []
      guard let port = ports.first(where: { ($0["name"]?.string ?? "") == portName })?["port"]?.int else { continue }
      for endpoint in (subset["addresses"]?.items ?? []).shuffled() {
        guard let address = try podAddress(endpoint, info.namespace, registry) else { continue }
        return BackendTarget(address: address, port: UInt16(clamping: port), security: reference.security)
      }
    }
    throw .unavailable("no endpoints available for service \"\(info.name)\"")
  }

  /// An endpoint counts only where it is the address of a pod of the same namespace: otherwise whoever may write
  /// endpoints could have the server connect to anywhere.
  private static func podAddress(
    _ endpoint: JSON, _ namespace: String, _ registry: Registry
  ) throws(APIStatus) -> IPAddress? {
    guard let text = endpoint["ip"]?.string, let address = IPAddress(text), isReachable(address),
      let target = endpoint["targetRef"], target["kind"]?.string == "Pod", target["namespace"]?.string == namespace,
      let podName = target["name"]?.string,
      let pod = try registry.object(.pods, ObjectName(namespace: namespace, name: podName))?.tree(),
      (pod[path: "status", "podIPs"]?.items ?? []).contains(where: { $0["ip"]?.string == text })
    else { return nil }
    return address
  }

  private static func ofNode(_ node: JSON, _ reference: Reference) throws(APIStatus) -> BackendTarget {
    let agent = try StreamTarget.agent(of: node)
    guard !reference.port.isEmpty, reference.port != "\(agent.port)" else {
      return BackendTarget(address: agent.address, port: agent.port, security: .agent)
    }
    guard isReachable(agent.address) else { throw .badRequest("address not allowed") }
    return BackendTarget(
      address: agent.address, port: try number(reference.port, of: agent.address), security: reference.security)
  }

  /// The server's own loopback and links are not to be reached by way of objects that users write.
  private static func isReachable(_ address: IPAddress) -> Bool {
    !(address.isLoopback || address.isLinkLocal || address.isMulticast || address.isUnspecified)
  }

  private static func number(_ port: String, of address: IPAddress) throws(APIStatus) -> UInt16 {
    guard let number = UInt16(port), number > 0 else {
      throw .unavailable("error trying to reach service: dial tcp: lookup tcp/\(port): unknown port")
    }
    return number
  }
}
