package import NFTables
package import NetworkTypes
package import RoutePlan

/// The nftables table that gives packets leaving the cluster the node's address.
///
/// A connection's first packet from a pod of the node looks its destination up: first among pods' blocks, one set for
/// each prefix length, then among the nodes. What is in neither is masqueraded. A node that comes or goes is one
/// element; the rules change only when a new prefix length appears.
///
/// What leaves by the node's tunnel with an address that is no pod's gets that of the tunnel: the answer to any other would
/// come back beside the tunnel, or not at all.
package struct MasqueradeTable: Sendable {
  package static let name = "switchboard-network"

  private let connection: NFTConnection
  private var installed: [IPAddress.Family: Masquerade] = [:]

  package init(_ connection: NFTConnection) { self.connection = connection }

  /// Puts it in force; costs what differs from the last time. The first time replaces whatever a former process left,
  /// in one transaction.
  package mutating func apply(_ wanted: Masquerade) throws {
    for family in IPAddress.Family.allCases {
      let part = wanted.limited(to: family)
      let former = installed[family]
      guard part != former else { continue }
      if former == nil, part.sources.isEmpty { continue }
      let transaction =
        former.flatMap { Self.difference(from: $0, to: part, family) } ?? Self.whole(part, family)
      do {
        try connection.commit(transaction)
      } catch {
        // The next time starts afresh, whatever is there now.
        installed[family] = nil
        throw error
      }
      installed[family] = part
    }
  }

  /// The whole table anew, old contents replaced.
  package static func whole(_ masquerade: Masquerade, _ family: IPAddress.Family) -> NFTTransaction {
    var transaction = NFTTransaction(Table(Table.Family(family), name), [.addTable, .deleteTable, .addTable])
    let lengths = Set(masquerade.podBlocks.map(\.prefixLength)).sorted()
    let field: NamedSet.Field = family == .v4 ? .ipv4Address : .ipv6Address
    transaction.append(.addSet(NamedSet("nodes", key: [field])))
    for length in lengths { transaction.append(.addSet(NamedSet(setName(length), key: [field]))) }
    transaction.append(.addChain(Chain("leaving")))
    transaction.append(.addChain(Chain("tunnel")))
    transaction.append(.addChain(Chain("postrouting", base: .init(.nat, .postrouting, priority: 100))))
    transaction.append(.addRule(chain: "postrouting", tunnelRule(family)))
    for rule in podRules(lengths, isSource: true, family) { transaction.append(.addRule(chain: "tunnel", rule)) }
    transaction.append(.addRule(chain: "tunnel", Rule("of no pod", [.masquerade])))
    for rule in leavingRules(lengths, family) { transaction.append(.addRule(chain: "leaving", rule)) }
    for block in masquerade.sources.sorted() {
      transaction.append(.addRule(chain: "postrouting", sourceRule(block)))
    }
    transaction.add(masquerade.nodes.sorted().map(element), to: "nodes")
    for length in lengths {
      let blocks = masquerade.podBlocks.filter { $0.prefixLength == length }.sorted()
      transaction.add(blocks.map { element($0.base) }, to: setName(length))
    }
    return transaction
  }

  /// Element changes only, or `nil` where rules change too.
  package static func difference(
    from former: Masquerade, to wanted: Masquerade, _ family: IPAddress.Family
  ) -> NFTTransaction? {
    let lengths = Set(former.podBlocks.map(\.prefixLength))
    guard former.sources == wanted.sources, lengths == Set(wanted.podBlocks.map(\.prefixLength)) else { return nil }
    var transaction = NFTTransaction(Table(Table.Family(family), name))
    transaction.delete(former.nodes.subtracting(wanted.nodes).sorted().map(element), from: "nodes")
    transaction.add(wanted.nodes.subtracting(former.nodes).sorted().map(element), to: "nodes")
    for length in lengths.sorted() {
      let gone = former.podBlocks.subtracting(wanted.podBlocks).filter { $0.prefixLength == length }
      let new = wanted.podBlocks.subtracting(former.podBlocks).filter { $0.prefixLength == length }
      transaction.delete(gone.sorted().map { element($0.base) }, from: setName(length))
      transaction.add(new.sorted().map { element($0.base) }, to: setName(length))
    }
    return transaction
  }

  private static func setName(_ length: Int) -> String { "pods\(length)" }

  private static func element(_ address: IPAddress) -> SetElement { SetElement(.of(address)) }

  private static func load(_ isSource: Bool, _ family: IPAddress.Family) -> RuleExpression {
    isSource ? .source(family, into: Register(0)) : .destination(family, into: Register(0))
  }

  private static func sourceRule(_ block: CIDR) -> Rule {
    Rule(
      "pods of this node",
      [
        load(true, block.family), masked(block.prefixLength, block.family),
        .compare(Register(0), .equal, .of(block.base)), .verdict(.jump("leaving")),
      ])
  }

  private static func masked(_ length: Int, _ family: IPAddress.Family) -> RuleExpression {
    let block = CIDR(IPAddress(family: family, value: 0), prefixLength: length)!
    return .mask(Register(0), .mask(block), flip: .of(block.base), into: Register(0))
  }

  private static func tunnelRule(_ family: IPAddress.Family) -> Rule {
    // The kernel fills the rest of the 16 bytes with zeros.
    let name = Array(TunnelProgrammer.name(family).utf8)
    let words = RegisterWords(bytes: name + [UInt8](repeating: 0, count: 16 - name.count))!
    return Rule(
      "into the tunnel",
      [
        .meta(.outputInterfaceName, into: Register(0)), .compare(Register(0), .equal, words),
        .verdict(.goto("tunnel")),
      ])
  }

  /// Rules that end the chain for the packets from pods, or for those to pods.
  private static func podRules(_ lengths: [Int], isSource: Bool, _ family: IPAddress.Family) -> [Rule] {
    lengths.map { length in
      Rule(
        isSource ? "from a pod" : "to a pod",
        [
          load(isSource, family), masked(length, family),
          .member(of: setName(length), key: Register(0), inverted: false), .verdict(.return),
        ])
    }
  }

  private static func leavingRules(_ lengths: [Int], _ family: IPAddress.Family) -> [Rule] {
    podRules(lengths, isSource: false, family) + [
      Rule(
        "to a node",
        [load(false, family), .member(of: "nodes", key: Register(0), inverted: false), .verdict(.return)]),
      Rule("out of the cluster", [.masquerade]),
    ]
  }
}

extension Masquerade {
  /// What concerns one address family.
  package func limited(to family: IPAddress.Family) -> Masquerade {
    var part = Masquerade()
    part.sources = sources.filter { $0.family == family }
    part.podBlocks = podBlocks.filter { $0.family == family }
    part.nodes = nodes.filter { $0.family == family }
    return part
  }
}
