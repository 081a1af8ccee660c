package import NetworkTypes

/// An address in a group of peers.
package struct GroupAddress: Hashable, Sendable, Comparable {
  package let group: UInt32
  package let address: IPAddress

  package init(_ group: UInt32, _ address: IPAddress) {
    self.group = group
    self.address = address
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.group, left.address) < (right.group, right.address)
  }
}

/// A port of one pod in a group of them: what a port's name means there.
package struct GroupSocket: Hashable, Sendable, Comparable {
  package let group: UInt32
  package let endpoint: SocketEndpoint
  package let transport: TransportProtocol

  package init(_ group: UInt32, _ endpoint: SocketEndpoint, _ transport: TransportProtocol) {
    self.group = group
    self.endpoint = endpoint
    self.transport = transport
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.group, left.endpoint, left.transport) < (right.group, right.endpoint, right.transport)
  }
}

/// Addresses from one through another in a group of blocks.
package struct GroupBlock: Hashable, Sendable, Comparable {
  package let group: UInt32
  package let first: IPAddress
  package let last: IPAddress

  package init(_ group: UInt32, _ first: IPAddress, through last: IPAddress) {
    self.group = group
    self.first = first
    self.last = last
  }

  package static func < (left: Self, right: Self) -> Bool { (left.group, left.first) < (right.group, right.first) }
}

/// Ports from one through another in a group of ports.
package struct GroupPorts: Hashable, Sendable, Comparable {
  package let group: UInt32
  package let transport: TransportProtocol
  package let ports: ClosedRange<UInt16>

  package init(_ group: UInt32, _ transport: TransportProtocol, _ ports: ClosedRange<UInt16>) {
    self.group = group
    self.transport = transport
    self.ports = ports
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.group, left.transport, left.ports.lowerBound) < (right.group, right.transport, right.ports.lowerBound)
  }
}

/// A pod's address whose flows are judged in one direction.
package struct PolicySubject: Hashable, Sendable, Comparable {
  package let direction: PolicyDirection
  package let address: IPAddress

  package init(_ direction: PolicyDirection, _ address: IPAddress) {
    self.direction = direction
    self.address = address
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.direction, left.address) < (right.direction, right.address)
  }
}
