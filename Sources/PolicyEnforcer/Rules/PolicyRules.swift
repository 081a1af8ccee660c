package import NFTables
package import NetworkTypes
package import PolicyPlan

/// The kernel's policy rules: a packet that opens a flow is led to the chain of its pod's profile, once by its source for
/// what goes out and once by its destination for what comes in. What no rule there lets pass is dropped.
///
/// Packets of flows that were let in pass before all that. What a node's own processes send meets no rule: it does not
/// come through the forward hook. Where packets for the node itself arrive, senders are judged alone.
///
/// One table serves one address family. Registers: a key of members or blocks (group, address, and for sockets protocol and
/// port) begins at 0, one of ports (group, protocol, port) at 8, which also takes a profile's number.
package struct PolicyRules: Sendable {
  package let family: IPAddress.Family
  package let tableName: String
  /// The NFLOG group that is told of denied packets; `nil`: none is.
  package let logGroup: UInt16?

  package init(family: IPAddress.Family, tableName: String = "switchboard-policies", logGroup: UInt16? = nil) {
    self.family = family
    self.tableName = tableName
    self.logGroup = logGroup
  }

  package var table: Table { Table(Table.Family(family), tableName) }

  /// Words of an address: the unit of the register layout.
  var addressWords: Int { family.bits / 32 }

  func source(into register: Register) -> RuleExpression { .source(family, into: register) }
  func destination(into register: Register) -> RuleExpression { .destination(family, into: register) }

  enum Name {
    static let members = "members"
    static let blocks = "blocks"
    static let ports = "ports"
    static let sockets = "sockets"
    static let pods = "pods"
    static let profiles = "profiles"
    static let forward = "fwd"
    static let input = "input"

    /// The map from a pod's address to its profile.
    static func subjects(_ direction: PolicyDirection) -> String { direction == .egress ? "senders" : "receivers" }
    static func chain(_ profile: UInt32) -> String { "p\(profile)" }
    /// What is denied comes by here before it is dropped.
    static func denied(_ direction: PolicyDirection) -> String { "denied-\(direction.rawValue)" }
  }

  /// Everything but what comes of the cluster, in the order the kernel needs.
  package var skeleton: [NFTOperation] {
    [.addTable] + sets.map { .addSet($0) } + chains.map { .addChain($0) }
      + telling + forwarding.map { .addRule(chain: Name.forward, $0) }
      + entering.map { .addRule(chain: Name.input, $0) }
  }

  /// Makes the table anew, whatever it held, as the first steps of a transaction.
  package var rebuild: [NFTOperation] { [.addTable, .deleteTable] + skeleton }

  private var sets: [NamedSet] {
    let address: NamedSet.Field = family == .v4 ? .ipv4Address : .ipv6Address
    return [
      NamedSet(Name.members, key: [.mark, address]),
      NamedSet(Name.blocks, key: [.mark, address], isInterval: true),
      NamedSet(Name.ports, key: [.mark, .transportProtocol, .port], isInterval: true),
      NamedSet(Name.sockets, key: [.mark, address, .transportProtocol, .port]),
      NamedSet(Name.pods, key: [address, address]),
      NamedSet(Name.profiles, key: [.mark], value: .verdict),
      // The number is not the first word, for `nft list` of 1.0.6 aborts on a value that begins with the key of the next
      // look-up.
      NamedSet(Name.subjects(.egress), key: [address], value: .fields([.mark, .mark])),
      NamedSet(Name.subjects(.ingress), key: [address], value: .fields([.mark, .mark])),
    ]
  }

  private var chains: [Chain] {
    deniedChains.map { Chain($0) } + [
      Chain(Name.forward, base: .init(.filter, .forward, priority: 0)),
      Chain(Name.input, base: .init(.filter, .input, priority: 0)),
    ]
  }

  private var forwarding: [Rule] {
    let address = Register(0)
    return [
      established,
      Rule(
        "a pod to itself",
        [
          source(into: address), destination(into: address + addressWords),
          .member(of: Name.pods, key: address, inverted: false), .verdict(.accept),
        ]),
      judgement(.egress), judgement(.ingress),
    ]
  }

  private var entering: [Rule] {
    // They are the link's own business, whatever a pod may send to its node.
    let neighbours = (133...137).map { type in
      Rule(
        "neighbour discovery",
        [
          .meta(.transportProtocol, into: Register(0)), .compare(Register(0), .equal, .of(byte: 58)),
          .payload(.transport, offset: 0, length: 1, into: Register(0)),
          .compare(Register(0), .equal, .of(byte: UInt8(type))), .verdict(.accept),
        ])
    }
    return [established] + (family == .v6 ? neighbours : []) + [judgement(.egress)]
  }

  private var established: Rule {
    Rule(
      "let in before",
      [
        .connection(.state, nil, into: Register(0)),
        // NF_CT_STATE_BIT of IP_CT_ESTABLISHED and IP_CT_RELATED.
        .mask(Register(0), RegisterWords(6), flip: RegisterWords(0), into: Register(0)),
        .compare(Register(0), .notEqual, RegisterWords(0)), .verdict(.accept),
      ])
  }

  private func judgement(_ direction: PolicyDirection) -> Rule {
    let profile = Register(8)
    return Rule(
      direction.rawValue,
      [
        direction == .egress ? source(into: Register(0)) : destination(into: Register(0)),
        .lookup(Name.subjects(direction), key: Register(0), into: profile),
        .lookupVerdict(Name.profiles, key: profile + 1),
      ])
  }
}
