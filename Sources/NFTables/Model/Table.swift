package import NetworkTypes

/// A table's family and name. It has no owner flag: what it holds outlives the process that made it.
package struct Table: Hashable, Sendable, CustomStringConvertible {
  /// `NFPROTO_*` of `linux/netfilter.h`.
  package enum Family: UInt8, Hashable, Sendable {
    case inet = 1
    case ipv4 = 2
    case ipv6 = 10

    package init(_ family: IPAddress.Family) { self = family == .v4 ? .ipv4 : .ipv6 }

    /// As `nft` prints it.
    package var name: String {
      switch self {
      case .inet: "inet"
      case .ipv4: "ip"
      case .ipv6: "ip6"
      }
    }
  }

  package let family: Family
  package let name: String

  package init(_ family: Family, _ name: String) {
    self.family = family
    self.name = name
  }

  package var description: String { "\(family.name) \(name)" }
}
