internal import NFTables
internal import NetworkTypes
internal import ServicePlan

/// Names of maps and sets in the table.
package enum MapName {
  /// address . protocol . port -> traits, class, id
  package static let services = "svc"
  /// The same for clients on this node, where it differs.
  package static let insideServices = "svcin"
  /// class -> chain
  package static let classes = "cls"
  package static let insideClasses = "clsin"
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
  /// address . protocol . port -> group of source ranges
  package static let guarded = "guarded"
  /// group . block of clients
  package static let sourceRanges = "ranges"
}

enum ChainName {
  static let prerouting = "pre"
  static let output = "out"
  static let postrouting = "post"
  static let forward = "fwd"
  static let loopback = "loopback"
  static let guardBlocks = "guard"
  static let refuse = "n0"
  static let drop = "drop"
  /// Leads clients on this node on to `choose-inside`; made for the node's blocks.
  static let insiders = "insiders"
  static let chooseInside = "choose-inside"
  static let sources = "sources"
  static let translate = "reply-path"
  static let masquerade = "masq"
  /// Ends where the source is the node's own address.
  static let ownAddresses = "own"
  static let invalid = "invalid"

  static func balance(_ clients: Clients) -> String { clients.prefix + "lb" }
  static func affinity(_ clients: Clients, seconds: Int) -> String { "\(clients.prefix)lba\(seconds)" }

  static func choice(_ clients: Clients, _ backendClass: BackendClass) -> String {
    let (count, seconds) = (backendClass.endpointCount, backendClass.affinitySeconds)
    return clients.prefix + (seconds == 0 ? "n\(count)" : "a\(seconds)-\(count)")
  }

  /// The affinity timeout a chain is for; `nil` for every other chain.
  static func timeout(of name: String, _ clients: Clients) -> Int? {
    let start = clients.prefix + "lba"
    return name.hasPrefix(start) ? Int(name.dropFirst(start.count)) : nil
  }
}

extension ServiceRules {
  static func sets(_ family: IPAddress.Family) -> [NamedSet] {
    let address: NamedSet.Field = family == .v4 ? .ipv4Address : .ipv6Address
    let destination = [address, .transportProtocol, .port]
    var sets: [NamedSet] = []
    for clients in Clients.allCases {
      // The class is not the first word, for `nft list` of 1.0.6 aborts on a value that begins with the key of the
      // next look-up.
      sets.append(NamedSet(clients.services, key: destination, value: .fields([.mark, .mark, .mark])))
      sets.append(NamedSet(clients.classes, key: [.mark], value: .verdict))
    }
    return sets + [
      NamedSet(MapName.slots, key: [.mark, .mark], value: .fields([address, .port])),
      NamedSet(
        MapName.affinity, key: [address, .mark], value: .fields([address, .port]), isDynamic: true,
        timeout: .seconds(10_800), size: affinitySize),
      NamedSet(MapName.affinityEndpoints, key: [.mark, address, .port]),
      NamedSet(MapName.localEndpoints, key: [address, address]),
      NamedSet(MapName.exempt, key: [address]),
      NamedSet(MapName.nodeAddress, key: [.mark], value: .fields([address])),
      NamedSet(MapName.guarded, key: destination, value: .fields([.mark])),
      NamedSet(MapName.sourceRanges, key: [.mark, address], isInterval: true),
    ]
  }

  var chains: [Chain] {
    let hooks = [
      Chain(ChainName.prerouting, base: .init(.nat, .prerouting, priority: -100)),
      Chain(ChainName.output, base: .init(.nat, .output, priority: -100)),
      Chain(ChainName.postrouting, base: .init(.nat, .postrouting, priority: 100)),
      Chain(ChainName.forward, base: .init(.filter, .forward, priority: 0)),
    ]
    let loopback =
      family == .v4 ? [Chain(ChainName.loopback, base: .init(.filter, .prerouting, priority: -150))] : []
    let others = [
      ChainName.guardBlocks, ChainName.refuse, ChainName.drop, ChainName.balance(.everybody),
      ChainName.balance(.inside), ChainName.chooseInside, ChainName.insiders, ChainName.sources, ChainName.translate,
      ChainName.masquerade, ChainName.ownAddresses, ChainName.invalid,
    ]
    return hooks + loopback + others.map { Chain($0) }
  }

  /// Classes without endpoints, which need no chain of their own.
  static let fixedClasses: [(word: UInt32, chain: String)] = [
    (BackendClass.refusing.word, ChainName.refuse), (BackendClass.dropping.word, ChainName.drop),
  ]

  func classElement(_ word: UInt32, _ chain: String) -> SetElement {
    SetElement(RegisterWords(word), .verdict(.goto(chain)))
  }
}
