package import NetworkTypes

/// What a VXLAN device is made with and cannot change afterwards.
package struct VXLANSettings: Hashable, Sendable {
  /// The network identifier (VNI), 24 bits.
  package var identifier: UInt32
  /// UDP port it receives on and sends to.
  package var port: UInt16
  /// Source of the packets that carry its frames; it also says of which family they are.
  package var local: IPAddress?

  package init(identifier: UInt32, port: UInt16, local: IPAddress? = nil) {
    self.identifier = identifier
    self.port = port
    self.local = local
  }

  init(_ attributes: [NetlinkAttribute]) {
    typealias Names = RouteAttribute.VXLAN
    identifier = attributes[type: Names.identifier]?.u32 ?? 0
    port = attributes[type: Names.port]?.be16 ?? 0
    local = (attributes[type: Names.local] ?? attributes[type: Names.localV6])
      .flatMap { IPAddress(bytes: $0.payload) }
  }
}

/// An entry of a VXLAN device's forwarding table: the frames for a hardware address go to that machine.
package struct ForwardingEntry: Hashable, Sendable {
  package let link: UInt32
  package let linkLayerAddress: MACAddress
  package let destination: IPAddress

  package init(_ linkLayerAddress: MACAddress, to destination: IPAddress, link: UInt32) {
    self.linkLayerAddress = linkLayerAddress
    self.destination = destination
    self.link = link
  }

  /// `nil` for entries that lead to no machine, such as those of a bridge.
  init?(_ message: NetlinkMessage) throws(NetlinkError) {
    guard let entry = try Neighbour(message) else { return nil }
    self.init(entry.linkLayerAddress, to: entry.address, link: entry.link)
  }

  /// struct ndmsg and the attributes. NTF_SELF: the device's own table, not that of a bridge above it.
  func write(to writer: inout NetlinkWriter) {
    writer.u8(AddressFamily.bridge)
    writer.append([0, 0, 0])
    writer.u32(link)
    writer.u16(Neighbour.permanent)
    writer.u8(0x02)
    writer.u8(0)
    writer.attribute(RouteAttribute.Neighbour.linkLayerAddress, linkLayerAddress.bytes)
    writer.attribute(RouteAttribute.Neighbour.destination, destination)
  }
}

extension RouteBatch {
  /// A VXLAN device without learning: what it is to know is told to it.
  package mutating func createVXLAN(
    _ name: String, _ settings: VXLANSettings, address: MACAddress? = nil, mtu: UInt32? = nil
  ) {
    add(RouteMessage.newLink, [.create, .exclusive], "create vxlan \(name)") { writer in
      Self.linkHeader(&writer)
      writer.string(RouteAttribute.Link.name, name)
      if let address { writer.attribute(RouteAttribute.Link.address, address.bytes) }
      if let mtu { writer.u32(RouteAttribute.Link.mtu, mtu) }
      writer.nested(RouteAttribute.Link.information) { writer in
        writer.string(RouteAttribute.LinkInformation.kind, "vxlan")
        writer.nested(RouteAttribute.LinkInformation.data) { writer in
          typealias Names = RouteAttribute.VXLAN
          writer.u32(Names.identifier, settings.identifier)
          writer.be16(Names.port, settings.port)
          writer.u8(Names.learning, 0)
          if let local = settings.local {
            writer.attribute(local.family == .v4 ? Names.local : Names.localV6, local)
          }
        }
      }
    }
  }

  /// An address leads to one machine: another that it led to is forgotten.
  package mutating func replace(_ entry: ForwardingEntry) {
    add(
      RouteMessage.newNeighbour, [.create, .replace], "forward \(entry.linkLayerAddress) to \(entry.destination)",
      entry.write)
  }

  package mutating func delete(_ entry: ForwardingEntry) {
    add(
      RouteMessage.deleteNeighbour, [], "forward \(entry.linkLayerAddress) to \(entry.destination) no more",
      entry.write)
  }
}
