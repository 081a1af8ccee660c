package import Netlink
package import NetworkTypes

/// Frames that tell a link where an address is now, asked or not.
package enum AddressFrame {
  /// To everybody on the link, that `address` is at `hardware`. For IPv4 an ARP announcement (RFC 5227, section 3) and
  /// the same as an answer, for some devices heed only one of the two; for IPv6 an unsolicited neighbour advertisement
  /// (RFC 4861, section 7.2.6).
  package static func announcements(of address: IPAddress, at hardware: MACAddress) -> [[UInt8]] {
    address.family == .v4
      ? [arp(operation: 1, address, hardware), arp(operation: 2, address, hardware)]
      : [neighbourAdvertisement(address, hardware)]
  }

  private static func arp(operation: UInt8, _ address: IPAddress, _ hardware: MACAddress) -> [UInt8] {
    let everybody = [UInt8](repeating: 0xff, count: 6)
    var frame = everybody + hardware.bytes + [0x08, 0x06]
    frame += [0, 1, 0x08, 0x00, 6, 4, 0, operation]  // Ethernet, IPv4, the lengths of their addresses.
    frame += hardware.bytes + address.bytes
    return frame + (operation == 1 ? [UInt8](repeating: 0, count: 6) : everybody) + address.bytes
  }

  private static func neighbourAdvertisement(_ address: IPAddress, _ hardware: MACAddress) -> [UInt8] {
    let allNodes: [UInt8] = [0xff, 2] + [UInt8](repeating: 0, count: 13) + [1]
    // Type 136; the flags router and override: nodes forward, and what is known of the address is outdated.
    var message: [UInt8] = [136, 0, 0, 0, 0xa0, 0, 0, 0] + address.bytes
    message += [2, 1] + hardware.bytes  // Option: target link-layer address, of 8 bytes.
    let length = UInt8(message.count)
    let pseudoHeader = address.bytes + allNodes + [0, 0, 0, length, 0, 0, 0, 58]
    let sum = checksum(pseudoHeader + message)
    message[2] = UInt8(sum >> 8)
    message[3] = UInt8(truncatingIfNeeded: sum)
    var frame: [UInt8] = [0x33, 0x33, 0, 0, 0, 1] + hardware.bytes + [0x86, 0xdd]
    frame += [0x60, 0, 0, 0, 0, length, 58, 255]  // Version 6, ICMPv6, hop limit 255.
    return frame + address.bytes + allNodes + message
  }

  /// The internet checksum (RFC 1071) of an even number of bytes.
  static func checksum(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    for index in stride(from: 0, to: bytes.count - 1, by: 2) {
      sum += UInt32(bytes[index]) << 8 | UInt32(bytes[index + 1])
    }
    while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
    return ~UInt16(sum)
  }
}
