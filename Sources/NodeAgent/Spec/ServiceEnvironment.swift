import ClusterModel
import HashTreeCollections
import KubernetesAPI
import NetworkTypes

/// The variables that tell a container of its namespace's Services, in the form Docker's links gave them.
enum ServiceEnvironment {
  /// The API server's Service, of which pods of all namespaces are told.
  private static let master = ObjectName(namespace: "default", name: "kubernetes")

  /// Those of a namespace, and the API server's.
  static func services(in snapshot: ClusterSnapshot, of namespace: String) -> [ServiceModel] {
    snapshot.services.values.filter { $0.name.namespace == namespace || $0.name == master }
  }

  /// - Parameters:
  ///   - services: those of the pod's namespace, and `default/kubernetes`.
  ///   - includesAll: the pod's `enableServiceLinks`; otherwise only the API server's Service is told.
  static func variables(
    services: [ServiceModel], namespace: String, includesAll: Bool
  ) -> [(name: String, value: String)] {
    var chosen: [String: ServiceModel] = [:]
    for service in services where !service.clusterIPs.isEmpty {
      let isMaster = service.name == master
      if service.name.namespace == namespace, includesAll || isMaster {
        chosen[service.name.name] = service
      } else if isMaster, chosen[service.name.name] == nil {
        chosen[service.name.name] = service
      }
    }
    return chosen.sorted { $0.key < $1.key }.flatMap { variables(of: $0.value) }
  }

  private static func variables(of service: ServiceModel) -> [(name: String, value: String)] {
    guard let first = service.ports.first, let clusterIP = service.clusterIPs.first else { return [] }
    let prefix = name(service.name.name)
    let address = clusterIP.description
    let bracketed = clusterIP.family == .v6 ? "[\(address)]" : address

    var result: [(name: String, value: String)] = [
      (prefix + "_SERVICE_HOST", address), (prefix + "_SERVICE_PORT", "\(first.port)"),
    ]
    for port in service.ports where !port.name.isEmpty {
      result.append(("\(prefix)_SERVICE_PORT_\(name(port.name))", "\(port.port)"))
    }
    for (index, port) in service.ports.enumerated() {
      let number = port.port
      let transport = port.transport.rawValue
      let url = "\(transport.lowercased())://\(bracketed):\(number)"
      if index == 0 { result.append((prefix + "_PORT", url)) }
      let portPrefix = "\(prefix)_PORT_\(number)_\(transport.uppercased())"
      result += [
        (portPrefix, url), (portPrefix + "_PROTO", transport.lowercased()), (portPrefix + "_PORT", "\(number)"),
        (portPrefix + "_ADDR", address),
      ]
    }
    return result
  }

  private static func name(_ text: String) -> String {
    String(text.uppercased().map { $0 == "-" ? "_" : $0 })
  }
}
