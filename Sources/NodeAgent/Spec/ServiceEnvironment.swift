import JSONTree
import KubernetesAPI

/// The variables that tell a container of its namespace's Services, in the form Docker's links gave them.
enum ServiceEnvironment {
  /// - Parameters:
  ///   - services: those of the pod's namespace, and `default/kubernetes`.
  ///   - includesAll: the pod's `enableServiceLinks`; otherwise only the API server's Service is told.
  static func variables(services: [JSON], namespace: String, includesAll: Bool) -> [(name: String, value: String)] {
    var chosen: [String: JSON] = [:]
    for service in services {
      let address = service.spec["clusterIP"]?.string ?? ""
      guard !address.isEmpty, address != "None" else { continue }
      let isMaster = service.namespace == "default" && service.name == "kubernetes"
      if service.namespace == namespace, includesAll || isMaster {
        chosen[service.name] = service
      } else if isMaster, chosen[service.name] == nil {
        chosen[service.name] = service
      }
    }
    return chosen.keys.sorted().flatMap { variables(of: chosen[$0]!) }
  }

  private static func variables(of service: JSON) -> [(name: String, value: String)] {
    let prefix = name(service.name)
    let address = service.spec["clusterIP"]?.string ?? ""
    let ports = service.spec["ports"]?.items ?? []
    guard let first = ports.first else { return [] }
    let bracketed = address.contains(":") ? "[\(address)]" : address

    var result: [(name: String, value: String)] = [
      (prefix + "_SERVICE_HOST", address), (prefix + "_SERVICE_PORT", "\(first["port"]?.int ?? 0)"),
    ]
    for port in ports {
      guard let portName = port["name"]?.string, !portName.isEmpty else { continue }
      result.append(("\(prefix)_SERVICE_PORT_\(name(portName))", "\(port["port"]?.int ?? 0)"))
    }
    for (index, port) in ports.enumerated() {
      let number = port["port"]?.int ?? 0
      let transport = port["protocol"]?.string ?? "TCP"
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
