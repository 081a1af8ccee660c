package import NetworkTypes

/// A route. What is `nil` or default is left to the kernel when it is made.
package struct Route: Hashable, Sendable {
  /// RTN_* of linux/rtnetlink.h.
  package enum Kind: UInt8, Sendable {
    case unicast = 1
    case local = 2
    case blackhole = 6
    case unreachable = 7
  }

  /// Who made a route (RTPROT_*).
  package struct Origin: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let kernel = Origin(rawValue: 2)
    package static let boot = Origin(rawValue: 3)
    package static let `static` = Origin(rawValue: 4)
    /// Ours: `S`, a number that linux/rtnetlink.h leaves free. Routes with it are made and removed by us alone.
    package static let switchboard = Origin(rawValue: 83)
  }

  package var destination: CIDR
  package var kind: Kind = .unicast
  package var gateway: IPAddress?
  /// Index of the interface it leaves by; `nil` for blackholes.
  package var link: UInt32?
  package var source: IPAddress?
  package var table: UInt32 = 254  // RT_TABLE_MAIN
  package var origin: Origin = .switchboard
  /// Reaches its destination without a gateway (RT_SCOPE_LINK).
  package var isOnLink = false
  /// The gateway is on the link although no route says so (RTNH_F_ONLINK).
  package var gatewayIsOnLink = false
  package var priority: UInt32?
  package var mtu: UInt32?

  package init(to destination: CIDR, via gateway: IPAddress? = nil, link: UInt32? = nil) {
    self.destination = destination
    self.gateway = gateway
    self.link = link
    isOnLink = gateway == nil && link != nil && destination.family == .v4
  }

  package static func blackhole(_ destination: CIDR) -> Route {
    var route = Route(to: destination)
    route.kind = .blackhole
    return route
  }
}

extension Route {
  /// `nil` for kinds of routes that nothing here makes (multicast, NAT) and multipath ones.
  init?(_ message: NetlinkMessage) throws(NetlinkError) {
    var header = ByteCursor(message.payload)
    let family: IPAddress.Family = try header.u8() == AddressFamily.v6 ? .v6 : .v4
    let length = Int(try header.u8())
    _ = try header.take(2)
    let shortTable = try header.u8()
    let origin = Origin(rawValue: try header.u8())
    let scope = try header.u8()
    let kind = Kind(rawValue: try header.u8())
    let flags = try header.u32()
    let attributes = try NetlinkAttribute.parse(header.rest)
    typealias Names = RouteAttribute.Route
    func address(_ type: UInt16) -> IPAddress? { attributes[type: type].flatMap { IPAddress(bytes: $0.payload) } }
    let base = address(Names.destination) ?? IPAddress(family: family, value: 0)
    guard let kind, let destination = CIDR(base, prefixLength: length) else { return nil }
    self.init(to: destination, via: address(Names.gateway), link: attributes[type: Names.outputInterface]?.u32)
    self.kind = kind
    self.origin = origin
    source = address(Names.preferredSource)
    table = attributes[type: Names.table]?.u32 ?? UInt32(shortTable)
    isOnLink = scope == Scope.link && kind == .unicast
    gatewayIsOnLink = flags & Scope.onLinkFlag != 0
    priority = attributes[type: Names.priority]?.u32
    mtu = try attributes[type: Names.metrics]?.attributes()[type: Names.metricMTU]?.u32
  }

  /// struct rtmsg and the attributes.
  func write(to writer: inout NetlinkWriter) {
    writer.u8(AddressFamily.number(destination.family))
    writer.u8(UInt8(destination.prefixLength))
    writer.u8(0)
    writer.u8(0)
    writer.u8(table < 256 ? UInt8(table) : 0)
    writer.u8(origin.rawValue)
    writer.u8(kind == .local ? Scope.host : isOnLink ? Scope.link : Scope.universe)
    writer.u8(kind.rawValue)
    writer.u32(gatewayIsOnLink ? Scope.onLinkFlag : 0)
    typealias Names = RouteAttribute.Route
    writer.attribute(Names.destination, destination.base)
    if let gateway { writer.attribute(Names.gateway, gateway) }
    if let link { writer.u32(Names.outputInterface, link) }
    if let source { writer.attribute(Names.preferredSource, source) }
    if let priority { writer.u32(Names.priority, priority) }
    if table >= 256 { writer.u32(Names.table, table) }
    if let mtu { writer.nested(Names.metrics) { $0.u32(Names.metricMTU, mtu) } }
  }
}

/// RT_SCOPE_* and RTNH_F_ONLINK of linux/rtnetlink.h.
enum Scope {
  static let universe: UInt8 = 0
  static let link: UInt8 = 253
  static let host: UInt8 = 254
  static let onLinkFlag: UInt32 = 4
}

/// AF_* of linux/socket.h, which Swift sees as Int32.
enum AddressFamily {
  static let unspecified: UInt8 = 0
  static let v4: UInt8 = 2
  static let v6: UInt8 = 10
  static let bridge: UInt8 = 7
  static func number(_ family: IPAddress.Family) -> UInt8 { family == .v4 ? v4 : v6 }
}
