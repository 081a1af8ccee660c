package import KubernetesAPI
package import NetworkTypes

/// One port of one Service, as endpoint slices refer to it: by the port's name, and the protocol.
package struct ServicePortName: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let service: ObjectName
  /// Empty for a Service's only, unnamed port.
  package let port: String
  package let transport: TransportProtocol

  package init(_ service: ObjectName, port: String, _ transport: TransportProtocol) {
    self.service = service
    self.port = port
    self.transport = transport
  }

  package var description: String {
    port.isEmpty ? "\(service) \(transport.rawValue)" : "\(service):\(port) \(transport.rawValue)"
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.service, left.port, left.transport) < (right.service, right.port, right.transport)
  }
}
