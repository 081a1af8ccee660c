package import NetworkTypes

/// What clients send to: one address, protocol and port of a Service.
package struct ServiceAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let address: IPAddress
  package let transport: TransportProtocol
  package let port: UInt16

  package init(_ address: IPAddress, _ transport: TransportProtocol, _ port: UInt16) {
    self.address = address
    self.transport = transport
    self.port = port
  }

  package var description: String { "\(SocketEndpoint(address, port))/\(transport.rawValue)" }

  package static func < (left: Self, right: Self) -> Bool {
    (left.address, left.transport, left.port) < (right.address, right.transport, right.port)
  }
}
