import JSONTree
import KubernetesAPI
package import NetworkTypes

/// Where the agent of a pod's node answers for a container, and under which path.
package struct StreamTarget: Sendable {
  package let address: IPAddress
  package let port: UInt16
  /// Path with query.
  package let target: String

  private static let defaultPort: Int64 = 10250

  /// Throws upstream's refusals: no such pod, not scheduled, no such container, more than one to choose from.
  package init(_ request: ResourceRequest, registry: Registry) throws(APIStatus) {
    guard let pod = try registry.object(.pods, request.name)?.tree() else {
      throw .notFound(.pods, request.info.name)
    }
    let isPortForward = request.info.subresource == "portforward"
    let container = isPortForward ? "" : try Self.container(of: pod, asked: request.query.text("container"))
    let nodeName = pod[path: "spec", "nodeName"]?.string ?? ""
    guard !nodeName.isEmpty else {
      throw .badRequest("pod \(pod.name) does not have a host assigned")
    }
    guard let node = try registry.object(.nodes, ObjectName(name: nodeName))?.tree() else {
      throw .notFound(.nodes, nodeName)
    }
    (address, port) = try Self.agent(of: node)
    let root = ["log": "containerLogs", "exec": "exec", "attach": "attach", "portforward": "portForward"]
    let path = "/\(root[request.info.subresource] ?? "exec")/\(pod.namespace)/\(pod.name)"
    let query = request.request.target.split(separator: "?", maxSplits: 1).dropFirst().first.map { "?\($0)" } ?? ""
    target = path + (isPortForward ? Self.ports(request) : "/\(container)\(Self.translated(query, request))")
  }

  /// Where a node's agent listens.
  static func agent(of node: JSON) throws(APIStatus) -> (address: IPAddress, port: UInt16) {
    let addresses = node[path: "status", "addresses"]?.items ?? []
    let texts = ["InternalIP", "ExternalIP"].compactMap { type in
      addresses.first { $0["type"]?.string == type }?["address"]?.string
    }
    guard let address = texts.lazy.compactMap({ IPAddress($0) }).first else {
      throw .internalError("no address of node \(node.name) is known; wait until its agent has reported one")
    }
    let port = node[path: "status", "daemonEndpoints", "kubeletEndpoint", "Port"]?.int ?? defaultPort
    return (address, UInt16(clamping: port))
  }

  var backend: BackendTarget { BackendTarget(address: address, port: port, security: .agent) }

  /// In the kubelet's dialect the ports are one list.
  private static func ports(_ request: ResourceRequest) -> String {
    let ports = request.query.all("ports").filter { !$0.isEmpty }
    return ports.isEmpty ? "" : "?port=\(ports.joined(separator: ","))"
  }

  /// The agent speaks the kubelet's dialect, where the streams of exec are `input`, `output`, `error`, `tty`.
  private static func translated(_ query: String, _ request: ResourceRequest) -> String {
    guard request.info.subresource != "log" else { return query }
    let names = ["stdin": "input", "stdout": "output", "stderr": "error", "tty": "tty"]
    let parts = query.dropFirst().split(separator: "&").compactMap { part -> String? in
      let pair = part.split(separator: "=", maxSplits: 1)
      guard let name = pair.first.map(String.init) else { return nil }
      if name == "container" { return nil }
      guard let translated = names[name] else { return String(part) }
      return request.query.flag(name) ? "\(translated)=1" : nil
    }
    return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
  }

  private static func container(of pod: JSON, asked: String?) throws(APIStatus) -> String {
    let names = { (list: String) in
      (pod[path: "spec", list]?.items ?? []).compactMap { $0["name"]?.string }
    }
    let containers = names("containers")
    let initContainers = names("initContainers")
    let ephemeral = names("ephemeralContainers")
    if let asked {
      guard containers.contains(asked) || initContainers.contains(asked) || ephemeral.contains(asked) else {
        throw .badRequest("container \(asked) is not valid for pod \(pod.name)")
      }
      return asked
    }
    if containers.count == 1 { return containers[0] }
    if let chosen = pod.annotations["kubectl.kubernetes.io/default-container"], containers.contains(chosen) {
      return chosen
    }
    guard !containers.isEmpty else { throw .badRequest("a container name must be specified for pod \(pod.name)") }
    var text =
      "a container name must be specified for pod \(pod.name), choose one of: [\(containers.joined(separator: " "))]"
    if !initContainers.isEmpty { text += " or one of the init containers: [\(initContainers.joined(separator: " "))]" }
    throw .badRequest(text)
  }
}
