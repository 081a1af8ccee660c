package import JSONTree
package import KubernetesAPI
package import NetworkTypes

/// What the network needs of a Pod.
package struct PodModel: Hashable, Sendable {
  /// A port of a container that is reached at the node's addresses too.
  package struct HostPort: Hashable, Sendable {
    package let transport: TransportProtocol
    package let port: UInt16
    package let containerPort: UInt16
    /// The only address it is reached at; `nil` for all of the node's.
    package let address: IPAddress?

    package init(_ transport: TransportProtocol, _ port: UInt16, to containerPort: UInt16, at address: IPAddress? = nil)
    {
      self.transport = transport
      self.port = port
      self.containerPort = containerPort
      self.address = address
    }
  }

  /// What a container port is called; names of TCP and UDP do not meet.
  package struct PortName: Hashable, Sendable {
    package let transport: TransportProtocol
    package let name: String

    package init(_ transport: TransportProtocol, _ name: String) {
      self.transport = transport
      self.name = name
    }
  }

  package var name: ObjectName
  package var uid = ""
  /// Empty until the pod is bound.
  package var nodeName = ""
  /// None for a pod that has finished: its address may belong to another by now.
  package var addresses: [IPAddress] = []
  package var labels: [String: String] = [:]
  package var usesHostNetwork = false
  package var isTerminating = false
  /// In phase Succeeded or Failed.
  package var hasFinished = false
  /// None for a pod on the host's network, whose ports are the node's anyway.
  package var hostPorts: [HostPort] = []
  /// Ports of containers that have a name; the first of a name and protocol counts.
  package var namedPorts: [PortName: UInt16] = [:]

  package init(name: ObjectName) { self.name = name }
}

extension PodModel {
  private static let nodeNames = SharedValues<String>()
  /// Pods of one template have the same.
  private static let labels = SharedValues<[String: String]>()

  package init(object: JSON) {
    self.init(name: object.objectName)
    uid = object.uid
    nodeName = Self.nodeNames.one(object.spec["nodeName"]?.string ?? "")
    labels = Self.labels.one(object.labels)
    usesHostNetwork = object.spec["hostNetwork"]?.bool ?? false
    isTerminating = object.isTerminating
    let ports = Self.ports(object.spec)
    if !usesHostNetwork { hostPorts = Self.hostPorts(ports) }
    namedPorts = Self.namedPorts(ports)
    let status = object.status
    hasFinished = ["Succeeded", "Failed"].contains(status["phase"]?.string ?? "")
    if !hasFinished {
      let texts = (status["podIPs"]?.items ?? []).compactMap { $0["ip"]?.string }
      addresses = (texts.isEmpty ? [status["podIP"]?.string].compactMap { $0 } : texts).compactMap { IPAddress($0) }
    }
  }

  /// Those of containers that run for as long as the pod does.
  private static func ports(_ spec: JSON) -> [JSON] {
    let sidecars = (spec["initContainers"]?.items ?? []).filter { $0["restartPolicy"]?.string == "Always" }
    return (sidecars + (spec["containers"]?.items ?? [])).flatMap { $0["ports"]?.items ?? [] }
  }

  private static func namedPorts(_ ports: [JSON]) -> [PortName: UInt16] {
    ports.reduce(into: [:]) { names, port in
      guard let name = port["name"]?.string, let transport = TransportProtocol(field: port["protocol"]),
        let number = port["containerPort"]?.int.flatMap(UInt16.init(exactly:)), number != 0
      else { return }
      if names[PortName(transport, name)] == nil { names[PortName(transport, name)] = number }
    }
  }

  private static func hostPorts(_ ports: [JSON]) -> [HostPort] {
    ports.compactMap { port in
      guard let number = port["hostPort"]?.int.flatMap(UInt16.init(exactly:)), number != 0,
        let target = port["containerPort"]?.int.flatMap(UInt16.init(exactly:)), target != 0,
        let transport = TransportProtocol(field: port["protocol"])
      else { return nil }
      let text = port["hostIP"]?.string ?? ""
      guard let address = IPAddress(text) else { return text.isEmpty ? HostPort(transport, number, to: target) : nil }
      return HostPort(transport, number, to: target, at: address)
    }
  }
}
