import JSONTree
import KubernetesAPI

/// A port of an endpoint, as slices and Endpoints have it.
struct EndpointPort: Hashable {
  let name: String
  let port: Int64
  let transport: String
  let appProtocol: String?

  var json: JSON {
    var json: JSON = ["name": .string(name), "port": .int(port), "protocol": .string(transport)]
    if let appProtocol { json["appProtocol"] = .string(appProtocol) }
    return json
  }

  init(name: String, port: Int64, transport: String, appProtocol: String?) {
    self.name = name
    self.port = port
    self.transport = transport
    self.appProtocol = appProtocol
  }

  init(_ json: JSON) {
    name = json["name"]?.string ?? ""
    port = json["port"]?.int ?? 0
    transport = json["protocol"]?.string ?? "TCP"
    appProtocol = json["appProtocol"]?.string
  }

  /// In one order: ports in any order are the same ports.
  static func sorted(_ ports: [EndpointPort]) -> [EndpointPort] {
    ports.sorted { ($0.name, $0.transport, $0.port) < ($1.name, $1.transport, $1.port) }
  }

  /// The Service's ports on this pod. A named target port that the pod does not have leaves its port out.
  static func resolve(_ service: JSON, on pod: JSON) -> [EndpointPort] {
    (service.spec["ports"]?.items ?? []).compactMap { port in
      let transport = port["protocol"]?.string ?? "TCP"
      let number: Int64
      switch IntOrString(json: port["targetPort"]) {
      case .int(let value)?: number = Int64(value)
      case .string(let name)?:
        guard let found = containerPort(name, transport, pod) else { return nil }
        number = found
      case nil: number = port["port"]?.int ?? 0
      }
      return EndpointPort(
        name: port["name"]?.string ?? "", port: number, transport: transport,
        appProtocol: port["appProtocol"]?.string)
    }
  }

  /// Looks through the containers, then the sidecars.
  private static func containerPort(_ name: String, _ transport: String, _ pod: JSON) -> Int64? {
    let sidecars = (pod.spec["initContainers"]?.items ?? []).filter { $0["restartPolicy"]?.string == "Always" }
    for container in (pod.spec["containers"]?.items ?? []) + sidecars {
      for port in container["ports"]?.items ?? []
      where port["name"]?.string == name && port["protocol"]?.string ?? "TCP" == transport {
        return port["containerPort"]?.int
      }
    }
    return nil
  }
}

/// A Service's view of a pod behind it.
struct ServiceBackend {
  let pod: JSON
  private let service: JSON
  private let publishesNotReady: Bool

  /// `nil` for a pod that has no address for anyone: not started, or ended.
  init?(_ pod: JSON, of service: JSON) {
    guard !pod.isPodFinished, !Self.addresses(of: pod).isEmpty else { return nil }
    self.pod = pod
    self.service = service
    publishesNotReady = service.spec["publishNotReadyAddresses"]?.bool ?? false
  }

  private static func addresses(of pod: JSON) -> [String] {
    let all = (pod.status["podIPs"]?.items ?? []).compactMap { $0["ip"]?.string }
    return all.isEmpty ? [pod.status["podIP"]?.string].compactMap { $0 }.filter { !$0.isEmpty } : all
  }

  /// Whether the pod's own address, the first, is IPv6.
  var isV6: Bool { Self.addresses(of: pod).first?.contains(":") ?? false }

  func address(isV6: Bool) -> String? { Self.addresses(of: pod).first { $0.contains(":") == isV6 } }

  var isReady: Bool { publishesNotReady || (pod.isPodReady && !pod.isTerminating) }

  var targetReference: JSON {
    [
      "kind": "Pod", "namespace": .string(pod.namespace), "name": .string(pod.name), "uid": .string(pod.uid),
    ]
  }

  /// The pod's own name under the Service, where its subdomain is the Service.
  var hostname: String? {
    guard pod.spec["subdomain"]?.string == service.name, let name = pod.spec["hostname"]?.string, !name.isEmpty
    else { return nil }
    return name
  }

  /// As an element of `EndpointSlice.endpoints`.
  func sliceEndpoint(address: String, zone: String?, hints: EndpointHints) -> JSON {
    var endpoint: JSON = [
      "addresses": [.string(address)],
      "conditions": [
        "ready": .bool(isReady), "serving": .bool(pod.isPodReady), "terminating": .bool(pod.isTerminating),
      ],
    ]
    if let hostname { endpoint["hostname"] = .string(hostname) }
    endpoint["targetRef"] = targetReference
    if !pod.nodeName.isEmpty { endpoint["nodeName"] = .string(pod.nodeName) }
    if let zone { endpoint["zone"] = .string(zone) }
    if isReady, let hints = hints.hints(zone: zone, node: pod.nodeName) { endpoint["hints"] = hints }
    return endpoint
  }
}
