package import Netlink
package import NetworkTypes

/// The veth pair of one attachment: what is fixed about it by its container and interface name.
package struct PodLink: Hashable, Sendable {
  package let containerID: String
  package let interfaceName: String
  package let podUID: String

  package init(containerID: String, interfaceName: String, podUID: String) {
    self.containerID = containerID
    self.interfaceName = interfaceName
    self.podUID = podUID
  }

  /// Name of the host end: `swb` and 48 bits of a hash (FNV-1a) of container and interface, 15 characters in all.
  package var hostName: String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in "\(containerID)/\(interfaceName)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String((hash ^ hash >> 48) & 0xffff_ffff_ffff, radix: 16)
    return Self.namePrefix + String(repeating: "0", count: 12 - digits.count) + digits
  }

  package static let namePrefix = "swb"

  /// Kept on the host end, so that the kernel alone tells whose it is.
  package var alias: String { "switchboard \(containerID) \(interfaceName) \(podUID)" }

  /// Reads an alias; `nil` for interfaces of others.
  package init?(alias: String) {
    let parts = alias.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "switchboard" else { return nil }
    self.init(containerID: String(parts[1]), interfaceName: String(parts[2]), podUID: String(parts[3]))
  }

  /// The hardware address of every host end: each pair is a link of its own, and pods keep it as a permanent
  /// neighbour. Locally administered.
  package static let hostAddress = MACAddress([0x02, 0x53, 0x57, 0x42, 0x00, 0x01])

  /// The hardware address of a pod's end, made from its first address.
  package static func podAddress(for address: IPAddress) -> MACAddress {
    MACAddress([0x0a, 0x58] + address.bytes.suffix(4))
  }

  /// The next hop of every pod, which needs to exist nowhere: a permanent neighbour entry stands for it.
  package static func gateway(_ family: IPAddress.Family) -> IPAddress {
    family == .v4
      ? IPAddress(v4: 169, 254, 1, 1) : IPAddress(family: .v6, value: 0xfe80 << 112 | 1)
  }
}

/// An address in use, as the kernel knows it.
package struct Lease: Hashable, Sendable {
  package let address: IPAddress
  /// The host end of the pod's link.
  package let interface: String
  package let pod: PodLink
}
