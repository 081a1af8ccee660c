package import Conntrack
package import NetworkTypes

/// A packet of which a rule handed a copy to the log.
package struct LoggedPacket: Hashable, Sendable {
  /// What the rule says of it.
  package let prefix: String
  /// Interfaces it came by and would leave by, by index; `nil` where there is none.
  package let inputInterface: UInt32?
  package let outputInterface: UInt32?
  package let headers: PacketHeaders
  /// The flow it would have opened, with where it was sent before translation; `nil` where the kernel does not say.
  package let flow: ConntrackFlow?
  /// When the kernel logged it, or when it was read here: nanoseconds since 1970, CLOCK_REALTIME.
  package let seenAt: Int64

  package init(
    prefix: String, inputInterface: UInt32? = nil, outputInterface: UInt32? = nil, headers: PacketHeaders,
    flow: ConntrackFlow? = nil, seenAt: Int64
  ) {
    self.prefix = prefix
    self.inputInterface = inputInterface
    self.outputInterface = outputInterface
    self.headers = headers
    self.flow = flow
    self.seenAt = seenAt
  }
}

/// What the headers of an IP packet say of its ends.
package struct PacketHeaders: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    case ports(TransportProtocol, source: UInt16, destination: UInt16)
    /// ICMP's or ICMPv6's type and code.
    case control(type: UInt8, code: UInt8)
    /// Another protocol, by its IANA number, or one of the above in a fragment without its header.
    case other(UInt8)
  }

  package let source: IPAddress
  package let destination: IPAddress
  package let content: Content

  package init(source: IPAddress, destination: IPAddress, content: Content) {
    self.source = source
    self.destination = destination
    self.content = content
  }
}
