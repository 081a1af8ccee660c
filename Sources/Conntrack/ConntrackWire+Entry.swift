internal import Netlink
internal import NetworkTypes

/// Attributes of an entry and numbers of events (`linux/netfilter/nfnetlink_conntrack.h`).
extension ConntrackWire {
  static let newFlow: UInt16 = 1 << 8 | 0  // IPCTNL_MSG_CT_NEW; of an update too, but for its flags

  static let status: UInt16 = 3
  static let protocolState: UInt16 = 4
  static let originalCounters: UInt16 = 9
  static let replyCounters: UInt16 = 10
  static let identifier: UInt16 = 12

  static let tcp: UInt16 = 1
  static let tcpState: UInt16 = 1
  static let packets: UInt16 = 1
  static let bytes: UInt16 = 2
  /// IPS_SEEN_REPLY of `linux/netfilter/nf_conntrack_common.h`.
  static let seenReply: UInt32 = 1 << 1

  static func family(_ number: UInt8) -> IPAddress.Family? {
    IPAddress.Family.allCases.first { Self.number($0) == number }
  }
}

extension ConntrackEntry {
  /// `nil` for protocols without ports. Throws where a tuple of one with ports does not parse.
  init?(_ attributes: [NetlinkAttribute], _ family: IPAddress.Family) throws(NetlinkError) {
    guard let flow = ConntrackFlow(attributes, family) else {
      guard try Self.hasPorts(attributes) else { return nil }
      throw NetlinkError(.malformed, "a connection whose ends cannot be read")
    }
    var state: TCPState?
    if let part = try attributes[type: ConntrackWire.protocolState]?.attributes(),
      let tcp = try part[type: ConntrackWire.tcp]?.attributes()
    {
      state = tcp[type: ConntrackWire.tcpState]?.u8.flatMap(TCPState.init)
    }
    let status = attributes[type: ConntrackWire.status]?.be32 ?? 0
    self.init(
      flow, id: attributes[type: ConntrackWire.identifier]?.be32 ?? 0,
      isAnswered: status & ConntrackWire.seenReply != 0, tcpState: state,
      sent: try Self.traffic(attributes[type: ConntrackWire.originalCounters]),
      answered: try Self.traffic(attributes[type: ConntrackWire.replyCounters]))
  }

  private static func hasPorts(_ attributes: [NetlinkAttribute]) throws(NetlinkError) -> Bool {
    let tuple = try attributes[type: ConntrackWire.original]?.attributes()
    let fields = try tuple?[type: ConntrackWire.protocolFields]?.attributes()
    let number = fields?[type: ConntrackWire.protocolNumber]?.u8
    return number == nil || TransportProtocol.allCases.contains { $0.number == number }
  }

  private static func traffic(_ attribute: NetlinkAttribute?) throws(NetlinkError) -> Traffic? {
    guard let parts = try attribute?.attributes(), let packets = parts[type: ConntrackWire.packets]?.be64,
      let bytes = parts[type: ConntrackWire.bytes]?.be64
    else { return nil }
    return Traffic(packets: packets, bytes: bytes)
  }
}

extension ConntrackEvent {
  /// `nil` for protocols without ports and for what is neither the beginning nor the end of a connection.
  init?(_ message: NetlinkMessage, seenAt: Int64) throws(NetlinkError) {
    let kind: Kind
    switch message.type {
    case ConntrackWire.newFlow where message.flags.contains(.create): kind = .new
    case ConntrackWire.deleteFlow: kind = .destroyed
    default: return nil
    }
    guard let number = message.payload.first, let family = ConntrackWire.family(number) else {
      throw NetlinkError(.malformed, "an event of connection tracking without an address family")
    }
    guard let entry = try ConntrackEntry(try message.attributes(after: 4), family) else { return nil }
    self.init(kind, entry, seenAt: seenAt)
  }
}
