package import Netlink
package import NetworkTypes

/// Numbers of `linux/netfilter/nfnetlink_conntrack.h`.
enum ConntrackWire {
  static let getFlow: UInt16 = 1 << 8 | 1  // NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET
  static let deleteFlow: UInt16 = 1 << 8 | 2

  static let original: UInt16 = 1
  static let reply: UInt16 = 2
  static let filter: UInt16 = 25

  static let addresses: UInt16 = 1
  static let protocolFields: UInt16 = 2
  static let protocolNumber: UInt16 = 1
  static let sourcePort: UInt16 = 2
  static let destinationPort: UInt16 = 3

  static let filterOriginal: UInt16 = 1
  static let filterReply: UInt16 = 2
  /// Which fields of the tuple a dump is to match (`CTA_FILTER_F_*` of the kernel's nf_internals.h): protocol,
  /// destination port and, in IPv4, destination address. Where the kernel (seen in 6.18) is to match an IPv6 address
  /// it lists all flows but those.
  static func destinationFields(_ family: IPAddress.Family) -> UInt32 {
    1 << 3 | 1 << 5 | (family == .v4 ? 1 << 1 : 0)
  }

  static func sourceAddress(_ family: IPAddress.Family) -> UInt16 { family == .v4 ? 1 : 3 }
  static func destinationAddress(_ family: IPAddress.Family) -> UInt16 { family == .v4 ? 2 : 4 }
  /// AF_INET, AF_INET6.
  static func number(_ family: IPAddress.Family) -> UInt8 { family == .v4 ? 2 : 10 }
}

extension NetlinkWriter {
  mutating func conntrackMessage(
    _ type: UInt16, _ flags: NetlinkFlags, _ family: IPAddress.Family, _ body: (inout NetlinkWriter) -> Void
  ) {
    message(type, flags) { writer in
      writer.u8(ConntrackWire.number(family))
      writer.u8(0)  // NFNETLINK_V0
      writer.u16(0)
      body(&writer)
    }
  }

  /// The original direction's tuple; without a source, one for a filter.
  mutating func conntrackTuple(_ transport: TransportProtocol, from source: SocketEndpoint?, to target: SocketEndpoint)
  {
    nested(ConntrackWire.original) { writer in
      writer.nested(ConntrackWire.addresses) { writer in
        let family = target.address.family
        if let source { writer.attribute(ConntrackWire.sourceAddress(family), source.address) }
        writer.attribute(ConntrackWire.destinationAddress(family), target.address)
      }
      writer.nested(ConntrackWire.protocolFields) { writer in
        writer.u8(ConntrackWire.protocolNumber, transport.number)
        if let source { writer.be16(ConntrackWire.sourcePort, source.port) }
        writer.be16(ConntrackWire.destinationPort, target.port)
      }
    }
  }
}

extension ConntrackFlow {
  /// `nil` for protocols without ports, and for tuples that do not parse.
  package init?(_ attributes: [NetlinkAttribute], _ family: IPAddress.Family) {
    guard let original = Self.tuple(attributes[type: ConntrackWire.original], family),
      let reply = Self.tuple(attributes[type: ConntrackWire.reply], family)
    else { return nil }
    self.init(
      original.transport, from: original.source, to: original.destination, answerSource: reply.source,
      answerDestination: reply.destination)
  }

  private static func tuple(
    _ attribute: NetlinkAttribute?, _ family: IPAddress.Family
  ) -> (transport: TransportProtocol, source: SocketEndpoint, destination: SocketEndpoint)? {
    guard let parts = try? attribute?.attributes(),
      let addresses = try? parts[type: ConntrackWire.addresses]?.attributes(),
      let fields = try? parts[type: ConntrackWire.protocolFields]?.attributes(),
      let source = addresses[type: ConntrackWire.sourceAddress(family)].flatMap({ IPAddress(bytes: $0.payload) }),
      let target = addresses[type: ConntrackWire.destinationAddress(family)].flatMap({ IPAddress(bytes: $0.payload) }),
      let number = fields[type: ConntrackWire.protocolNumber]?.u8,
      let transport = TransportProtocol.allCases.first(where: { $0.number == number }),
      let sourcePort = fields[type: ConntrackWire.sourcePort]?.be16,
      let targetPort = fields[type: ConntrackWire.destinationPort]?.be16
    else { return nil }
    return (transport, SocketEndpoint(source, sourcePort), SocketEndpoint(target, targetPort))
  }
}
