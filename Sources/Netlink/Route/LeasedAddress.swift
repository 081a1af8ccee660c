package import NetworkTypes

/// An address that an interface answers for and that nothing is ever sent from, for a time after which the kernel takes
/// it away by itself.
///
/// It is a host address (/32, /128) without a route of its own. IPv4 addresses have the scope of the host, IPv6 ones a
/// preferred lifetime of zero: source address selection passes over both. ARP and NDP answer for it all the same.
package struct LeasedAddress: Hashable, Sendable {
  package let address: IPAddress
  package let link: UInt32
  /// Seconds for which it stays unless it is renewed; at least 1.
  package let seconds: UInt32

  package init(_ address: IPAddress, link: UInt32, seconds: UInt32) {
    self.address = address
    self.link = link
    self.seconds = max(1, seconds)
  }

  /// `nil` for an address that is not ours: the kernel keeps who made it (IFA_PROTO, linux/if_addr.h).
  init?(_ message: NetlinkMessage) throws(NetlinkError) {
    guard let plain = try InterfaceAddress(message) else { return nil }
    let attributes = try message.attributes(after: 8)
    guard attributes[type: RouteAttribute.Address.origin]?.u8 == Route.Origin.switchboard.rawValue else { return nil }
    address = plain.address
    link = plain.link
    // struct ifa_cacheinfo: preferred, valid, and two times of making.
    let lifetimes = attributes[type: RouteAttribute.Address.lifetimes]?.payload
    seconds =
      try lifetimes.mapThrowing { (payload) throws(NetlinkError) in
        var cursor = ByteCursor(payload)
        _ = try cursor.u32()
        return try cursor.u32()
      } ?? UInt32.max
  }

  /// struct ifaddrmsg and the attributes.
  func write(to writer: inout NetlinkWriter) {
    writer.u8(AddressFamily.number(address.family))
    writer.u8(UInt8(address.family.bits))
    writer.u8(0)
    writer.u8(address.family == .v4 ? Scope.host : Scope.universe)
    writer.u32(link)
    writer.attribute(RouteAttribute.Address.local, address)
    writer.attribute(RouteAttribute.Address.address, address)
    // IFA_F_NOPREFIXROUTE; IFA_F_NODAD for IPv6: another node may hold it for as long as it takes to hear of us.
    writer.u32(RouteAttribute.Address.flags, 0x200 | (address.family == .v6 ? 0x02 : 0))
    writer.attribute(RouteAttribute.Address.lifetimes) { writer in
      writer.u32(0)
      writer.u32(seconds)
      writer.u32(0)
      writer.u32(0)
    }
    writer.u8(RouteAttribute.Address.origin, Route.Origin.switchboard.rawValue)
  }
}
