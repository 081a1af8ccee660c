import JSONTree
import KubernetesAPI

/// What a probe or a lifecycle hook does.
enum ProbeAction: Sendable, Hashable {
  case exec([String])
  case http(scheme: String, host: String, port: Int, path: String, headers: [[String]])
  case tcp(host: String, port: Int)
  case grpc(host: String, port: Int, service: String)
  case sleep(seconds: Int64)

  /// - Parameters:
  ///   - handler: a probe, or `lifecycle.postStart` / `preStop`.
  ///   - address: the pod's, where the handler names no host.
  init(_ handler: JSON, container: JSON, address: String) throws(NodeAgentError) {
    if let exec = handler["exec"] {
      self = .exec((exec["command"]?.items ?? []).compactMap(\.string))
    } else if let get = handler["httpGet"] {
      self = .http(
        scheme: (get["scheme"]?.string ?? "HTTP").lowercased(), host: Self.host(get, address),
        port: try Self.port(get["port"], container), path: get["path"]?.string ?? "/",
        headers: (get["httpHeaders"]?.items ?? []).map { [$0.containerName, $0["value"]?.string ?? ""] })
    } else if let socket = handler["tcpSocket"] {
      self = .tcp(host: Self.host(socket, address), port: try Self.port(socket["port"], container))
    } else if let grpc = handler["grpc"] {
      self = .grpc(
        host: address, port: try Self.port(grpc["port"], container), service: grpc["service"]?.string ?? "")
    } else if let sleep = handler["sleep"] {
      self = .sleep(seconds: sleep["seconds"]?.int ?? 0)
    } else {
      throw NodeAgentError(.invalidSpec, "missing probe handler for \(container.containerName)")
    }
  }

  private static func host(_ action: JSON, _ address: String) -> String {
    action["host"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? address
  }

  /// A number, or the name of one of the container's ports.
  private static func port(_ value: JSON?, _ container: JSON) throws(NodeAgentError) -> Int {
    if let number = value?.int, (1...65_535).contains(number) { return Int(number) }
    guard let name = value?.string else { throw NodeAgentError(.invalidSpec, "the probe names no port") }
    if let number = Int(name) { return number }
    for port in container["ports"]?.items ?? [] where port.containerName == name {
      if let number = port["containerPort"]?.int { return Int(number) }
    }
    throw NodeAgentError(.invalidSpec, "couldn't find port \(name) in container \(container.containerName)")
  }
}

/// What a probe found.
struct ProbeResult: Sendable, Hashable {
  var isSuccess: Bool
  /// What the failure's event says.
  var message = ""
  /// What a success's event says, where it deserves one.
  var warning: String?
}
