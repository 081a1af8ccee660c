internal import LinuxKernel
package import Netlink
package import NetworkTypes
package import RoutePlan

/// Keeps the node's tunnel devices as planned: one VXLAN device for each address family that needs one.
///
/// Nobody announces anything for them: a device's hardware address follows from its node's name, so that every node knows
/// those of all others. What a former process made is taken over where it is right, and mended where it is not.
package struct TunnelProgrammer: Sendable {
  /// "SWB". Others on the machine take small numbers, and one port serves many networks.
  package static let identifier: UInt32 = 0x53_5742
  /// IANA's, which firewalls and network cards know; Linux' own 8472 is for programs older than the assignment.
  package static let port: UInt16 = 4789

  package static func name(_ family: IPAddress.Family) -> String { "vxlan-swb\(family.rawValue)" }

  /// The hardware address of a node's devices: 40 bits of a hash (FNV-1a) of its name. Locally administered.
  package static func hardwareAddress(of node: String) -> MACAddress {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in node.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash ^= hash >> 40
    return MACAddress([0x06] + (0..<5).map { UInt8(truncatingIfNeeded: hash >> (32 - 8 * UInt64($0))) })
  }

  private let host: HostNetwork
  private let node: String
  private var applied: [IPAddress.Family: Wanted]?

  private struct Wanted: Hashable {
    let tunnel: Tunnel
    let mtu: UInt32
  }

  package init(_ host: HostNetwork, node: String) {
    self.host = host
    self.node = node
  }

  /// Puts them in force; costs nothing where nothing changed since the last time, unless `repairing`.
  /// - Parameter mtus: of the interfaces that carry the tunnels' packets.
  /// - Returns: the devices' indices.
  package mutating func apply(
    _ tunnels: [IPAddress.Family: Tunnel], mtus: [IPAddress.Family: UInt32], repairing: Bool
  ) throws -> [IPAddress.Family: UInt32] {
    var wanted: [IPAddress.Family: Wanted] = [:]
    for (family, tunnel) in tunnels {
      wanted[family] = Wanted(
        tunnel: tunnel, mtu: Self.mtu(mtus[family] ?? PodNetworkConfiguration.usualMTU, family))
    }
    if let applied, applied == wanted, applied.isEmpty || !repairing { return try indices(of: wanted) }
    applied = nil
    var indices: [IPAddress.Family: UInt32] = [:]
    for family in IPAddress.Family.allCases {
      if let wanted = wanted[family] { indices[family] = try put(wanted, family) } else { try remove(family) }
    }
    applied = wanted
    return indices
  }

  /// The largest packet of a pod that fits through.
  package static func mtu(_ underlay: UInt32, _ family: IPAddress.Family) -> UInt32 {
    underlay - min(underlay, Tunnel.overhead(family))
  }

  private func indices(of wanted: [IPAddress.Family: Wanted]) throws -> [IPAddress.Family: UInt32] {
    var indices: [IPAddress.Family: UInt32] = [:]
    for family in wanted.keys { indices[family] = try host.routes.index(of: Self.name(family)) }
    return indices
  }

  private func remove(_ family: IPAddress.Family) throws {
    guard let link = try host.routes.link(named: Self.name(family)), link.kind == "vxlan" else { return }
    try host.routes.apply { $0.deleteLink(link.index) }
  }

  private func put(_ wanted: Wanted, _ family: IPAddress.Family) throws -> UInt32 {
    let link = try device(wanted, family)
    try host.routes.apply { batch in
      if link.mtu != wanted.mtu { batch.setMTU(link.index, wanted.mtu) }
      if !link.isUp { batch.setUp(link.index) }
    }
    try host.routes.apply(try addressChanges(wanted.tunnel, family, link.index))
    try host.routes.apply(try peerChanges(wanted.tunnel, family, link.index))
    return link.index
  }

  /// The device that is there, where it is made as it should be, or a new one.
  private func device(_ wanted: Wanted, _ family: IPAddress.Family) throws -> Link {
    let name = Self.name(family)
    let settings = VXLANSettings(identifier: Self.identifier, port: Self.port, local: wanted.tunnel.local)
    let address = Self.hardwareAddress(of: node)
    if let link = try host.routes.link(named: name) {
      if link.vxlan == settings, link.address == address { return link }
      try host.routes.apply { $0.deleteLink(link.index) }
    }
    try host.routes.apply { $0.createVXLAN(name, settings, address: address, mtu: wanted.mtu) }
    try host.run { try LinkSettings.apply(to: name, LinkSettings.routedLink) }
    guard let link = try host.routes.link(named: name) else {
      throw PodNetworkError(.programming, "the tunnel device \(name) went away while it was made")
    }
    return link
  }

  private func addressChanges(
    _ tunnel: Tunnel, _ family: IPAddress.Family, _ link: UInt32
  ) throws(NetlinkError) -> RouteBatch {
    let held = try host.routes.addresses().filter {
      $0.link == link && $0.address.family == family && !$0.address.isLinkLocal
    }
    var batch = RouteBatch()
    for address in held where !tunnel.addresses.contains(address.address) { batch.delete(address) }
    for address in tunnel.addresses.subtracting(held.map(\.address)).sorted() {
      batch.add(InterfaceAddress(address, link: link))
    }
    return batch
  }

  private func peerChanges(
    _ tunnel: Tunnel, _ family: IPAddress.Family, _ link: UInt32
  ) throws(NetlinkError) -> RouteBatch {
    var neighbours: Set<Neighbour> = []
    var entries: Set<ForwardingEntry> = []
    for (gateway, peer) in tunnel.peers {
      let address = Self.hardwareAddress(of: peer.name)
      neighbours.insert(Neighbour(gateway, at: address, link: link))
      entries.insert(ForwardingEntry(address, to: peer.address, link: link))
    }
    // Entries that are not permanent are the kernel's own, such as those of multicast groups.
    let known = Set(try host.routes.neighbours(family).filter { $0.link == link && $0.isPermanent })
    let forwarded = Set(try host.routes.forwardingEntries(of: link))
    var batch = RouteBatch()
    for neighbour in known.subtracting(neighbours) where tunnel.peers[neighbour.address] == nil {
      batch.delete(neighbour)
    }
    for entry in forwarded.subtracting(entries)
    where !entries.contains(where: { $0.linkLayerAddress == entry.linkLayerAddress }) { batch.delete(entry) }
    for neighbour in neighbours.subtracting(known) { batch.replace(neighbour) }
    for entry in entries.subtracting(forwarded) { batch.replace(entry) }
    return batch
  }
}
