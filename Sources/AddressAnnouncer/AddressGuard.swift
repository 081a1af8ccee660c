internal import LinuxKernel
internal import NFTables
internal import NetworkTypes

/// The nftables table that keeps the node's own ports out of reach at load balancer addresses.
///
/// The kernel takes such an address for the node's own. What the Service rules have led on is not for it any more when it
/// comes to the input hook; what is, is for a port that no Service has, or belongs to a connection that another node
/// began: it is refused, so that the client need not wait. Echo requests are answered, and NDP has to be. The node's own
/// processes that ask for such an address do so from it, and get their answers there.
struct AddressGuard {
  static let tableName = "switchboard-addresses"
  private static let setName = "held"
  private let connection: NFTConnection
  private var installed: [IPAddress.Family: Set<IPAddress>] = [:]
  /// Families whose table is known not to be there.
  private var cleared: Set<IPAddress.Family> = []

  init(in namespace: NetworkNamespace?) throws { connection = try NFTConnection(in: namespace) }

  /// Puts it in force for these addresses. The first time replaces what a former process left.
  mutating func apply(_ addresses: Set<IPAddress>) throws {
    for family in IPAddress.Family.allCases {
      let wanted = addresses.filter { $0.family == family }
      guard wanted != installed[family] else { continue }
      if installed[family] == nil, wanted.isEmpty {
        guard !cleared.contains(family) else { continue }
        try connection.commit(NFTTransaction(Self.table(family), [.addTable, .deleteTable]))
        cleared.insert(family)
        continue
      }
      cleared.remove(family)
      var transaction = installed[family] == nil ? Self.whole(family) : NFTTransaction(Self.table(family))
      let former = installed[family] ?? []
      transaction.delete(former.subtracting(wanted).sorted().map(Self.element), from: Self.setName)
      transaction.add(wanted.subtracting(former).sorted().map(Self.element), to: Self.setName)
      installed[family] = nil
      try connection.commit(transaction)
      installed[family] = wanted
    }
  }

  private static func table(_ family: IPAddress.Family) -> Table { Table(Table.Family(family), tableName) }

  private static func element(_ address: IPAddress) -> SetElement {
    var words = RegisterWords()
    words.append(address)
    return SetElement(words)
  }

  private static func whole(_ family: IPAddress.Family) -> NFTTransaction {
    var transaction = NFTTransaction(table(family), [.addTable, .deleteTable, .addTable])
    transaction.append(.addSet(NamedSet(setName, key: [family == .v4 ? .ipv4Address : .ipv6Address])))
    transaction.append(.addChain(Chain("refuse")))
    var reply = RegisterWords()
    reply.append(byte: ConnectionDirection.reply.rawValue)
    transaction.append(
      .addRule(
        chain: "refuse",
        Rule(
          "an answer to the node",
          [
            .connection(.direction, nil, into: Register(0)), .compare(Register(0), .equal, reply), .verdict(.return),
          ])))
    let refusals: [(name: String, number: UInt8, answer: Rejection)] = [
      ("TCP", 6, .tcpReset), ("UDP", 17, .unreachable(code: family == .v4 ? 3 : 4)),
      ("SCTP", 132, .unreachable(code: family == .v4 ? 3 : 4)),
    ]
    for (name, number, answer) in refusals {
      var words = RegisterWords()
      words.append(byte: number)
      transaction.append(
        .addRule(
          chain: "refuse",
          Rule(
            name,
            [.meta(.transportProtocol, into: Register(0)), .compare(Register(0), .equal, words), .reject(answer)])))
    }
    transaction.append(.addChain(Chain("input", base: .init(.filter, .input, priority: 0))))
    // struct iphdr: destination at 16; struct ipv6hdr: at 24.
    let destination = RuleExpression.payload(
      .network, offset: family == .v4 ? 16 : 24, length: UInt32(family.bits / 8), into: Register(0))
    transaction.append(
      .addRule(
        chain: "input",
        Rule(
          "for a load balancer address",
          [
            destination, .member(of: setName, key: Register(0), inverted: false), .verdict(.jump("refuse")),
          ])))
    return transaction
  }
}
