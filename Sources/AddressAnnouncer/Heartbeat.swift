package import NetworkTypes

/// What the agents tell each other: that a node is there, whether it may be chosen, and which links it has.
///
/// On the wire: `SWB` and the version 1; flags, of which bit 0 says that the node may be chosen; milliseconds until the
/// next (2 bytes, network order); the length of the name and the name; the number of blocks, and of each the prefix
/// length, the length of the address (4 or 16) and the address.
package struct Heartbeat: Hashable, Sendable {
  package var node: String
  package var isCandidate: Bool
  package var interval: Duration
  package var links: [CIDR]

  /// The most links that are told of; 32 of IPv6 and the longest name fit into one frame of Ethernet.
  package static let mostLinks = 32
  package static let mostBytes = 1200
  private static let start: [UInt8] = [0x53, 0x57, 0x42, 1]

  package init(node: String, isCandidate: Bool, interval: Duration, links: [CIDR]) {
    self.node = node
    self.isCandidate = isCandidate
    self.interval = interval
    self.links = links
  }

  package var bytes: [UInt8] {
    let milliseconds = UInt16(
      clamping: interval.components.seconds * 1000 + interval.components.attoseconds / 1_000_000_000_000_000)
    var bytes = Self.start
    bytes.append(isCandidate ? 1 : 0)
    bytes += [UInt8(milliseconds >> 8), UInt8(truncatingIfNeeded: milliseconds)]
    let name = Array(node.utf8.prefix(255))
    bytes.append(UInt8(name.count))
    bytes += name
    bytes.append(UInt8(min(links.count, Self.mostLinks)))
    for link in links.prefix(Self.mostLinks) {
      bytes.append(UInt8(link.prefixLength))
      bytes.append(UInt8(link.base.bytes.count))
      bytes += link.base.bytes
    }
    return bytes
  }

  /// `nil` for anything that is not just one heartbeat of this version.
  package init?(_ bytes: [UInt8]) {
    guard bytes.starts(with: Self.start) else { return nil }
    var rest = bytes[Self.start.count...]
    func take(_ count: Int) -> ArraySlice<UInt8>? {
      guard rest.count >= count else { return nil }
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count)
    }
    guard let flags = take(1)?.first, let time = take(2), let nameLength = take(1)?.first,
      let name = take(Int(nameLength)), let count = take(1)?.first, count <= Self.mostLinks
    else { return nil }
    node = String(decoding: name, as: UTF8.self)
    isCandidate = flags & 1 != 0
    interval = .milliseconds(time.reduce(0) { $0 << 8 | Int($1) })
    links = []
    for _ in 0..<count {
      guard let prefix = take(1)?.first, let length = take(1)?.first, let address = take(Int(length)),
        let address = IPAddress(bytes: address), let link = CIDR(address, prefixLength: Int(prefix))
      else { return nil }
      links.append(link)
    }
    guard rest.isEmpty, interval > .zero, !node.isEmpty else { return nil }
  }
}
