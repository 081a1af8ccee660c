package import NFTables
package import NetworkTypes

/// The nftables tables that keep pods from sending with others' addresses.
///
/// For IPv4 the kernel has a setting, interface by interface (`rp_filter`), which one for all interfaces may loosen; of
/// IPv6 it knows none. So a rule asks what that setting asks: whether the interface a packet came in by has a route back
/// to its source. A pod's
/// interface has one to each of the pod's addresses and no other. It stands before connections are tracked, and has a
/// table of its own: a kernel that cannot do it can do the rest.
package struct SourceCheckTable: Sendable {
  package static let name = "switchboard-sources"

  private let connection: NFTConnection
  private var isInstalled = false

  package init(_ connection: NFTConnection) { self.connection = connection }

  /// Puts it in force, once.
  package mutating func apply(_ families: Set<IPAddress.Family>) throws {
    guard !isInstalled else { return }
    for family in families.sorted(by: { $0.rawValue < $1.rawValue }) { try connection.commit(Self.whole(family)) }
    isInstalled = true
  }

  /// The whole table anew, old contents replaced.
  package static func whole(_ family: IPAddress.Family) -> NFTTransaction {
    var transaction = NFTTransaction(Table(Table.Family(family), name), [.addTable, .deleteTable, .addTable])
    // -300: where packets are still as they came (NF_IP6_PRI_RAW of linux/netfilter_ipv6.h).
    transaction.append(.addChain(Chain("prerouting", base: .init(.filter, .prerouting, priority: -300))))
    transaction.append(.addRule(chain: "prerouting", rule))
    return transaction
  }

  private static var rule: Rule {
    // Names of pods' links begin so; the first three of four bytes are compared.
    let prefix = RegisterWords(bytes: Array(PodLink.namePrefix.utf8))!
    let mask = RegisterWords(bytes: [0xff, 0xff, 0xff])!
    precondition(PodLink.namePrefix.utf8.count == 3 && prefix.count == 1 && mask.count == 1)
    return Rule(
      "from a pod with an address that is not its own",
      [
        .meta(.inputInterfaceName, into: Register(0)),
        .mask(Register(0), mask, flip: RegisterWords(0), into: Register(0)),
        .compare(Register(0), .equal, prefix),
        .routeToSource(into: Register(0)), .compare(Register(0), .equal, RegisterWords(0)), .verdict(.drop),
      ])
  }
}
