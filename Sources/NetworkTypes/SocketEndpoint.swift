/// An address with a port.
package struct SocketEndpoint: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let address: IPAddress
  package let port: UInt16

  package init(_ address: IPAddress, _ port: UInt16) {
    self.address = address
    self.port = port
  }

  package var description: String { address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)" }

  package static func < (left: Self, right: Self) -> Bool {
    left.address == right.address ? left.port < right.port : left.address < right.address
  }
}
