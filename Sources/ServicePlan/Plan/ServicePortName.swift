package import KubernetesAPI
package import NetworkTypes

/// One port of one Service, as endpoint slices refer to it: by the port's name, and the protocol. Or a port of a pod
/// that the node lends it.
package struct ServicePortName: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Where both want an address, the Service has it.
  package enum Origin: Int, Hashable, Sendable {
    case service
    case hostPort
  }

  package let origin: Origin
  /// The Service's name, or the pod's.
  package let service: ObjectName
  /// Empty for a Service's only, unnamed port; for a pod's, where it is reached on the node.
  package let port: String
  package let transport: TransportProtocol

  package init(_ service: ObjectName, port: String, _ transport: TransportProtocol) {
    self.init(.service, service, port, transport)
  }

  init(hostPortOf pod: ObjectName, _ port: String, _ transport: TransportProtocol) {
    self.init(.hostPort, pod, port, transport)
  }

  private init(_ origin: Origin, _ object: ObjectName, _ port: String, _ transport: TransportProtocol) {
    self.origin = origin
    service = object
    self.port = port
    self.transport = transport
  }

  package var description: String {
    let name = port.isEmpty ? "\(service) \(transport.rawValue)" : "\(service):\(port) \(transport.rawValue)"
    return origin == .service ? name : "host port of pod \(name)"
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.origin.rawValue, left.service, left.port, left.transport)
      < (right.origin.rawValue, right.service, right.port, right.transport)
  }
}
