package import NFTables
package import NetworkTypes

/// The static part of the kernel's Service rules: chains that read everything that changes from maps and sets.
///
/// A packet that opens a flow is looked up by destination in `svc`, which gives the class and the id of its Service
/// port. The class's chain draws a number below the number of endpoints into the packet's mark and goes on to `lb`,
/// which finds the endpoint in `slots` under id and number. So a change of endpoints is a change of a few elements,
/// and the choice is even for any number of them.
///
/// One table serves one address family. Registers: the key (address, protocol, port) comes first, then what `svc`
/// holds (zero, class, id), then room for an endpoint. Keys of the other maps use the id where it lies.
package struct ServiceRules: Sendable {
  package static let affinitySize: UInt32 = 262_144
  /// So many classes are there from the start; others come when a Service port first needs them.
  static let preparedEndpoints = 16

  package let family: IPAddress.Family
  /// The blocks Services have their addresses from: what belongs to none is refused there.
  package let serviceBlocks: [CIDR]
  package let tableName: String

  package init(family: IPAddress.Family, serviceBlocks: [CIDR], tableName: String = "switchboard-services") {
    self.family = family
    self.serviceBlocks = serviceBlocks.filter { $0.family == family }.sorted()
    self.tableName = tableName
  }

  package var table: Table { Table(Table.Family(family), tableName) }

  /// Everything but elements of Services, in the order the kernel needs. Classes are added by ``addClass(_:)``.
  package var skeleton: [NFTOperation] {
    var operations: [NFTOperation] = [.addTable] + Self.sets(family).map { .addSet($0) }
    for chain in Self.chains { operations.append(.addChain(chain)) }
    for (chain, rules) in rules { operations += rules.map { .addRule(chain: chain, $0) } }
    operations.append(.addElements(set: MapName.classes, [classElement(0, ChainName.refuse)]))
    return operations
  }

  /// Name of an empty chain that says which version of the skeleton the table holds.
  package var fingerprint: String {
    "skeleton-" + String(NFTTransaction(table, skeleton).digest, radix: 16)
  }

  /// Makes the table anew, whatever it held, as the first steps of a transaction.
  package var rebuild: [NFTOperation] {
    [.addTable, .deleteTable] + skeleton + [.addChain(Chain(fingerprint))]
  }
}

/// Names of maps and sets in the table.
package enum MapName {
  /// address . protocol . port -> 0, class, id
  package static let services = "svc"
  /// class -> chain
  package static let classes = "cls"
  /// id . number -> endpoint
  package static let slots = "slots"
  /// client . id -> endpoint
  package static let affinity = "aff"
  /// id . endpoint
  package static let affinityEndpoints = "affep"
  /// endpoint . endpoint, for those on this node
  package static let localEndpoints = "local"
  package static let exempt = "exempt"
  /// 0 -> address of this node
  package static let nodeAddress = "node"
}

enum ChainName {
  static let prerouting = "pre"
  static let output = "out"
  static let postrouting = "post"
  static let guardBlocks = "guard"
  static let refuse = "n0"
  static let balance = "lb"
  static let sources = "sources"
  static let translate = "reply-path"

  static func affinity(seconds: Int) -> String { "lba\(seconds)" }
}

extension ServiceRules {
  static func sets(_ family: IPAddress.Family) -> [NamedSet] {
    let address: NamedSet.Field = family == .v4 ? .ipv4Address : .ipv6Address
    return [
      // The leading zero keeps `nft list` of 1.0.6 from aborting on a value that is the next look-up's key.
      NamedSet(
        MapName.services, key: [address, .transportProtocol, .port], value: .fields([.mark, .mark, .mark])),
      NamedSet(MapName.classes, key: [.mark], value: .verdict),
      NamedSet(MapName.slots, key: [.mark, .mark], value: .fields([address, .port])),
      NamedSet(
        MapName.affinity, key: [address, .mark], value: .fields([address, .port]), isDynamic: true,
        timeout: .seconds(10_800), size: affinitySize),
      NamedSet(MapName.affinityEndpoints, key: [.mark, address, .port]),
      NamedSet(MapName.localEndpoints, key: [address, address]),
      NamedSet(MapName.exempt, key: [address]),
      NamedSet(MapName.nodeAddress, key: [.mark], value: .fields([address])),
    ]
  }

  static var chains: [Chain] {
    [
      Chain(ChainName.prerouting, base: .init(.nat, .prerouting, priority: -100)),
      Chain(ChainName.output, base: .init(.nat, .output, priority: -100)),
      Chain(ChainName.postrouting, base: .init(.nat, .postrouting, priority: 100)),
      Chain(ChainName.guardBlocks), Chain(ChainName.refuse), Chain(ChainName.balance), Chain(ChainName.sources),
      Chain(ChainName.translate),
    ]
  }

  func classElement(_ word: UInt32, _ chain: String) -> SetElement {
    SetElement(RegisterWords(word), .verdict(.goto(chain)))
  }
}

extension ServiceRules {
  /// The affinity timeout a chain is for; `nil` for every other chain.
  static func timeout(ofChain name: String) -> Int? { name.hasPrefix("lba") ? Int(name.dropFirst(3)) : nil }
}
