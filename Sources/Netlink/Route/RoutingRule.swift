package import NetworkTypes

/// A policy routing rule (`ip rule`).
package struct RoutingRule: Hashable, Sendable {
  package var family: IPAddress.Family = .v4
  package var priority: UInt32
  package var table: UInt32
  package var source: CIDR?
  package var destination: CIDR?
  package var mark: UInt32?
  package var markMask: UInt32?
  package var origin: Route.Origin = .switchboard

  package init(priority: UInt32, table: UInt32) {
    self.priority = priority
    self.table = table
  }

  init?(_ message: NetlinkMessage) throws(NetlinkError) {
    var header = ByteCursor(message.payload)
    let family: IPAddress.Family = try header.u8() == AddressFamily.v6 ? .v6 : .v4
    let destinationLength = Int(try header.u8())
    let sourceLength = Int(try header.u8())
    _ = try header.u8()
    let shortTable = try header.u8()
    _ = try header.take(7)
    let attributes = try NetlinkAttribute.parse(header.rest)
    typealias Names = RouteAttribute.Rule
    self.init(
      priority: attributes[type: Names.priority]?.u32 ?? 0,
      table: attributes[type: Names.table]?.u32 ?? UInt32(shortTable))
    self.family = family
    source = attributes[type: Names.source].flatMap { IPAddress(bytes: $0.payload) }
      .flatMap { CIDR($0, prefixLength: sourceLength) }
    destination = attributes[type: Names.destination].flatMap { IPAddress(bytes: $0.payload) }
      .flatMap { CIDR($0, prefixLength: destinationLength) }
    mark = attributes[type: Names.mark]?.u32
    markMask = attributes[type: Names.mask]?.u32
    origin = Route.Origin(rawValue: attributes[type: Names.protocol]?.u8 ?? 0)
  }

  /// struct fib_rule_hdr and the attributes.
  func write(to writer: inout NetlinkWriter) {
    writer.u8(AddressFamily.number(family))
    writer.u8(UInt8(destination?.prefixLength ?? 0))
    writer.u8(UInt8(source?.prefixLength ?? 0))
    writer.u8(0)
    writer.u8(table < 256 ? UInt8(table) : 0)
    writer.append([0, 0])
    writer.u8(1)  // FR_ACT_TO_TBL
    writer.u32(0)
    typealias Names = RouteAttribute.Rule
    writer.u32(Names.priority, priority)
    writer.u32(Names.table, table)
    if let source { writer.attribute(Names.source, source.base) }
    if let destination { writer.attribute(Names.destination, destination.base) }
    if let mark { writer.u32(Names.mark, mark) }
    if let markMask { writer.u32(Names.mask, markMask) }
    writer.u8(Names.protocol, origin.rawValue)
  }
}
