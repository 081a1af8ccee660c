/// A hardware address.
package struct MACAddress: Hashable, Sendable, CustomStringConvertible {
  package let bytes: [UInt8]

  package init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  package var description: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
  }
}

/// A network interface as the kernel lists it.
package struct Link: Hashable, Sendable {
  package let index: UInt32
  package let name: String
  /// `veth`, `bridge`, `vxlan`, …; empty for loopback and plain hardware.
  package let kind: String
  package let mtu: UInt32
  package let address: MACAddress
  /// `ip link set alias`: 255 bytes at most.
  package let alias: String
  package let isUp: Bool
  package let isLoopback: Bool
  /// Both administratively up and with a carrier (IFF_RUNNING).
  package let isRunning: Bool
  /// Index of the bridge or other device it belongs to; 0: none.
  package let master: UInt32
  /// Index of the other end of a veth, in the peer's namespace; 0: none.
  package let peerIndex: UInt32
  /// Of a VXLAN device only.
  package let vxlan: VXLANSettings?
}

extension Link {
  init(_ message: NetlinkMessage) throws(NetlinkError) {
    var header = ByteCursor(message.payload)
    _ = try header.take(4)
    index = try header.u32()
    let flags = try header.u32()
    _ = try header.u32()
    let attributes = try NetlinkAttribute.parse(header.rest)
    name = attributes[type: RouteAttribute.Link.name]?.string ?? ""
    mtu = attributes[type: RouteAttribute.Link.mtu]?.u32 ?? 0
    address = MACAddress(attributes[type: RouteAttribute.Link.address]?.payload ?? [])
    alias = attributes[type: RouteAttribute.Link.alias]?.string ?? ""
    master = attributes[type: RouteAttribute.Link.master]?.u32 ?? 0
    peerIndex = attributes[type: RouteAttribute.Link.link]?.u32 ?? 0
    let information = try attributes[type: RouteAttribute.Link.information]?.attributes() ?? []
    kind = information[type: RouteAttribute.LinkInformation.kind]?.string ?? ""
    vxlan =
      kind == "vxlan"
      ? VXLANSettings(try information[type: RouteAttribute.LinkInformation.data]?.attributes() ?? []) : nil
    isUp = flags & InterfaceFlag.up != 0
    isLoopback = flags & InterfaceFlag.loopback != 0
    isRunning = flags & InterfaceFlag.running != 0
  }
}

/// linux/if.h
enum InterfaceFlag {
  static let up: UInt32 = 0x1
  static let loopback: UInt32 = 0x8
  static let running: UInt32 = 0x40
}
