package import NetworkTypes

/// An address on an interface.
package struct InterfaceAddress: Hashable, Sendable {
  package let link: UInt32
  package let address: IPAddress
  package let prefixLength: Int

  package init(_ address: IPAddress, prefixLength: Int? = nil, link: UInt32) {
    self.address = address
    self.prefixLength = prefixLength ?? address.family.bits
    self.link = link
  }

  init?(_ message: NetlinkMessage) throws(NetlinkError) {
    var header = ByteCursor(message.payload)
    _ = try header.u8()
    prefixLength = Int(try header.u8())
    _ = try header.take(2)
    link = try header.u32()
    let attributes = try NetlinkAttribute.parse(header.rest)
    // Point-to-point links have the peer in `address` and ours in `local`.
    let own = attributes[type: RouteAttribute.Address.local] ?? attributes[type: RouteAttribute.Address.address]
    guard let own, let address = IPAddress(bytes: own.payload) else { return nil }
    self.address = address
  }

  /// struct ifaddrmsg and the attributes.
  func write(to writer: inout NetlinkWriter) {
    writer.u8(AddressFamily.number(address.family))
    writer.u8(UInt8(prefixLength))
    // IFA_F_NODAD: an IPv6 address is usable at once; nobody else can hold it on our links.
    writer.u8(address.family == .v6 ? 0x02 : 0)
    writer.u8(address.isLoopback ? Scope.host : Scope.universe)
    writer.u32(link)
    writer.attribute(RouteAttribute.Address.local, address)
    writer.attribute(RouteAttribute.Address.address, address)
  }
}

/// An entry of the neighbour (ARP, NDP) table.
package struct Neighbour: Hashable, Sendable {
  package let link: UInt32
  package let address: IPAddress
  package let linkLayerAddress: MACAddress
  /// Never asked for, never forgotten (NUD_PERMANENT).
  package let isPermanent: Bool

  /// A permanent entry.
  package init(_ address: IPAddress, at linkLayerAddress: MACAddress, link: UInt32) {
    self.address = address
    self.linkLayerAddress = linkLayerAddress
    self.link = link
    isPermanent = true
  }

  init?(_ message: NetlinkMessage) throws(NetlinkError) {
    var header = ByteCursor(message.payload)
    _ = try header.take(4)
    link = try header.u32()
    isPermanent = try header.u16() & Self.permanent != 0
    _ = try header.take(2)
    let attributes = try NetlinkAttribute.parse(header.rest)
    guard let destination = attributes[type: RouteAttribute.Neighbour.destination],
      let address = IPAddress(bytes: destination.payload)
    else { return nil }
    self.address = address
    linkLayerAddress = MACAddress(attributes[type: RouteAttribute.Neighbour.linkLayerAddress]?.payload ?? [])
  }

  static let permanent: UInt16 = 0x80  // NUD_PERMANENT, linux/neighbour.h

  /// struct ndmsg and the attributes.
  func write(to writer: inout NetlinkWriter) {
    writer.u8(AddressFamily.number(address.family))
    writer.append([0, 0, 0])
    writer.u32(link)
    writer.u16(Self.permanent)
    writer.u8(0)
    writer.u8(0)
    writer.attribute(RouteAttribute.Neighbour.destination, address)
    if !linkLayerAddress.bytes.isEmpty {
      writer.attribute(RouteAttribute.Neighbour.linkLayerAddress, linkLayerAddress.bytes)
    }
  }
}
