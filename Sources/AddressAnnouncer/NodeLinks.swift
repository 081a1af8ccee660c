internal import Netlink
internal import NetworkTypes

/// The interfaces of a node by which its neighbours reach it, and the blocks of addresses on them.
struct NodeLinks: Hashable {
  struct Entry: Hashable {
    let block: CIDR
    let link: UInt32
    let hardware: MACAddress
  }

  let entries: [Entry]

  /// Of what the kernel lists. Left out are links that are down or without a carrier, those that are not Ethernet, single
  /// addresses, and link-local ones.
  init(_ links: [Link], _ addresses: [InterfaceAddress]) {
    var usable: [UInt32: MACAddress] = [:]
    for link in links where link.isUp && link.isRunning && !link.isLoopback && link.address.bytes.count == 6 {
      usable[link.index] = link.address
    }
    let entries = addresses.compactMap { address -> Entry? in
      guard let hardware = usable[address.link], address.prefixLength < address.address.family.bits,
        !address.address.isLinkLocal, let block = CIDR(address.address, prefixLength: address.prefixLength)
      else { return nil }
      return Entry(block: block, link: address.link, hardware: hardware)
    }
    // The narrowest first.
    self.entries = Set(entries).sorted {
      ($1.block.prefixLength, $0.block.base, $0.link) < ($0.block.prefixLength, $1.block.base, $1.link)
    }
  }

  init() { entries = [] }

  var blocks: [CIDR] {
    entries.map(\.block).reduce(into: []) { blocks, block in
      if !blocks.contains(block), blocks.count < Heartbeat.mostLinks { blocks.append(block) }
    }
  }

  /// The interface an address is on.
  func entry(for address: IPAddress) -> Entry? { entries.first { $0.block.contains(address) } }
}
