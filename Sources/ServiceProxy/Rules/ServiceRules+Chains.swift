package import NFTables
package import NetworkTypes

extension ServiceRules {
  /// Words of an address: the unit of the register layout below.
  var addressWords: Int { family.bits / 32 }
  private var key: Register { Register(0) }
  private var entry: Register { key + addressWords + 2 }
  private var classRegister: Register { entry + 1 }
  private var id: Register { entry + 2 }

  private func packetField(_ field: (v4: UInt32, v6: UInt32), into register: Register) -> RuleExpression {
    .payload(
      .network, offset: family == .v4 ? field.v4 : field.v6, length: UInt32(addressWords * 4), into: register)
  }

  func source(into register: Register) -> RuleExpression { packetField((12, 8), into: register) }
  func destination(into register: Register) -> RuleExpression { packetField((16, 24), into: register) }

  /// The destination as a key of `svc`.
  private var loadKey: [RuleExpression] {
    [
      destination(into: key), .meta(.transportProtocol, into: key + addressWords),
      .payload(.transport, offset: 2, length: 2, into: key + addressWords + 1),
    ]
  }

  private var findService: [RuleExpression] {
    loadKey + [.lookup(MapName.services, key: key, into: entry)]
  }

  private func setMark(_ value: UInt32, through register: Register) -> [RuleExpression] {
    [.load(RegisterWords(value), into: register), .setMeta(.mark, from: register)]
  }

  /// The chains' rules, except those of classes and of the node's own sources.
  var rules: [(chain: String, rules: [Rule])] {
    let entryRules = [
      Rule("choose by class", findService + [.lookupVerdict(MapName.classes, key: classRegister)]),
      Rule("addresses of no Service", [.verdict(.jump(ChainName.guardBlocks))]),
    ]
    return [
      (ChainName.refuse, refusal), (ChainName.guardBlocks, blockGuard), (ChainName.balance, balancing),
      (ChainName.translate, replyPath), (ChainName.postrouting, postrouting),
      (ChainName.prerouting, entryRules), (ChainName.output, entryRules),
    ]
  }

  private var refusal: [Rule] {
    [
      // An ICMP refusal in the output hook leaves a local TCP client waiting: it gets a reset.
      Rule(
        "TCP",
        [
          .meta(.transportProtocol, into: key), .compare(key, .equal, RegisterWords.of(byte: 6)),
          .reject(.tcpReset),
        ]),
      Rule("others", [.reject(.unreachable(code: family == .v4 ? 3 : 4))]),  // port unreachable
    ]
  }

  private var blockGuard: [Rule] {
    serviceBlocks.map { block in
      let mask = RegisterWords.mask(block)
      return Rule(
        "\(block)",
        [
          destination(into: key),
          .mask(key, mask, flip: RegisterWords.zeros(addressWords), into: key + addressWords),
          .compare(key + addressWords, .equal, RegisterWords.of(block.base)),
          .member(of: MapName.exempt, key: key, inverted: true), .verdict(.goto(ChainName.refuse)),
        ])
    }
  }

  private var balancing: [Rule] {
    let number = id + 1
    let endpoint = Register(0)
    let choose: [RuleExpression] = [
      .lookup(MapName.slots, key: id, into: endpoint),
      .destinationNAT(table.family, address: endpoint, port: endpoint + addressWords),
    ]
    return [
      Rule(
        "the slot of the number drawn",
        findService + [.meta(.mark, into: number)] + setMark(0, through: number + 1) + choose),
      // A commit may fall between the look-up of the class and that of the slot: the number may be beyond the end.
      // Passing would leave a connection entry without translation behind, which stalls every reuse of the port.
      Rule("a commit came between: the first slot", findService + [.load(RegisterWords(0), into: number)] + choose),
      Rule("a commit came between: no slot", [.verdict(.drop)]),
    ]
  }

  /// What leaves towards an endpoint after translation.
  private var postrouting: [Rule] {
    let translated: [RuleExpression] = [
      .connection(.status, nil, into: key),
      .mask(key, RegisterWords(0x20), flip: RegisterWords(0), into: key),  // IPS_DST_NAT
      .compare(key, .notEqual, RegisterWords(0)),
    ]
    return [Rule("translated by somebody", translated + [.verdict(.jump(ChainName.translate))])]
  }

  /// Answers must come back through this node to be translated back. They do where the endpoint is here, and where
  /// the client is; anybody else's source becomes this node's.
  private var replyPath: [Rule] {
    let selfCall: [RuleExpression] = [
      source(into: key), destination(into: key + addressWords),
      .member(of: MapName.localEndpoints, key: key, inverted: false),
    ]
    let nodeKey = key + 2 * addressWords
    let ownService: [RuleExpression] = [
      .connection(family == .v4 ? .destinationIPv4 : .destinationIPv6, .original, into: key),
      .meta(.transportProtocol, into: key + addressWords),
      .connection(.destinationPort, .original, into: key + addressWords + 1),
      .lookup(MapName.services, key: key, into: entry),
    ]
    return [
      Rule(
        "an endpoint calls itself",
        selfCall + [
          .load(RegisterWords(0), into: nodeKey), .lookup(MapName.nodeAddress, key: nodeKey, into: key),
          .sourceNAT(table.family, address: key),
        ]),
      Rule("an endpoint calls itself", selfCall + [.masquerade]),
      Rule(
        "the endpoint is here",
        [
          destination(into: key), destination(into: key + addressWords),
          .member(of: MapName.localEndpoints, key: key, inverted: false), .verdict(.return),
        ]),
      Rule("the client is here", [.verdict(.jump(ChainName.sources))]),
      Rule("neither is here", ownService + [.masquerade]),
    ]
  }

  /// Steps that tell the rules what the node's own addresses are.
  package func nodeSteps(podBlocks: [CIDR], addresses: [IPAddress]) -> [NFTOperation] {
    var operations: [NFTOperation] = [.flushChain(ChainName.sources), .flushSet(MapName.nodeAddress)]
    for block in podBlocks + addresses.map({ CIDR(host: $0) }) {
      operations.append(
        .addRule(
          chain: ChainName.sources,
          Rule(
            "\(block)",
            [
              source(into: key), .mask(key, .mask(block), flip: .zeros(addressWords), into: key),
              .compare(key, .equal, .of(block.base)),
              // Ends the traversal: a return would lead back to the masquerade.
              .verdict(.accept),
            ])))
    }
    if let address = addresses.first {
      operations.append(
        .addElements(set: MapName.nodeAddress, [SetElement(RegisterWords(0), .words(.of(address)))]))
    }
    return operations
  }
}

extension ServiceRules {
  /// Steps that make a class's chain known; with affinity, also the chain of its timeout unless that is there.
  package func addClass(
    word: UInt32, endpointCount: Int, affinitySeconds: Int, includingTimeout: Bool
  ) -> [NFTOperation] {
    let chain = affinitySeconds == 0 ? "n\(endpointCount)" : "a\(affinitySeconds)-\(endpointCount)"
    let next = affinitySeconds == 0 ? ChainName.balance : ChainName.affinity(seconds: affinitySeconds)
    var operations: [NFTOperation] = []
    if affinitySeconds > 0, includingTimeout {
      operations.append(.addChain(Chain(next)))
      operations += affinityRules(seconds: affinitySeconds).map { .addRule(chain: next, $0) }
    }
    operations.append(.addChain(Chain(chain)))
    operations.append(
      .addRule(
        chain: chain,
        Rule(
          "",
          [
            .random(modulus: UInt32(endpointCount), into: Register(0)), .setMeta(.mark, from: Register(0)),
            .verdict(.goto(next)),
          ])))
    operations.append(.addElements(set: MapName.classes, [classElement(word, chain)]))
    return operations
  }

  /// A client stays with its endpoint as long as that is one; otherwise it is given another, and that is remembered.
  private func affinityRules(seconds: Int) -> [Rule] {
    let timeout = Duration.seconds(seconds)
    // The client's address lies right before the id, so that both are a key of `aff`.
    let client = id - addressWords
    let remembered = id + 1
    let number = id + 1
    let chosen = id + 2
    let scratch = Register(0)
    return [
      Rule(
        "stay",
        findService + [
          source(into: client), .lookup(MapName.affinity, key: client, into: remembered),
          .member(of: MapName.affinityEndpoints, key: id, inverted: false),
          .update(
            DynamicUpdate(MapName.affinity, .update, key: client, data: remembered, timeout: timeout)),
        ] + setMark(0, through: scratch) + [
          .destinationNAT(table.family, address: remembered, port: remembered + addressWords)
        ]),
      Rule(
        "choose and remember",
        findService + [
          .meta(.mark, into: number), .lookup(MapName.slots, key: id, into: chosen), source(into: client),
          .update(DynamicUpdate(MapName.affinity, .delete, key: client, data: chosen)),
          .update(DynamicUpdate(MapName.affinity, .update, key: client, data: chosen, timeout: timeout)),
        ] + setMark(0, through: scratch) + [
          .destinationNAT(table.family, address: chosen, port: chosen + addressWords)
        ]),
      // The map of clients is full, or a commit came between.
      Rule("", [.verdict(.goto(ChainName.balance))]),
    ]
  }
}

extension RegisterWords {
  static func of(_ address: IPAddress) -> RegisterWords {
    var words = RegisterWords()
    words.append(address)
    return words
  }

  static func of(byte: UInt8) -> RegisterWords {
    var words = RegisterWords()
    words.append(byte: byte)
    return words
  }

  /// The bits a block fixes.
  static func mask(_ block: CIDR) -> RegisterWords {
    let bits = block.family.bits
    let full = UInt128.max >> UInt128(128 - bits)
    let hosts = block.prefixLength == 0 ? full : (block.prefixLength == bits ? 0 : full >> UInt128(block.prefixLength))
    return of(IPAddress(family: block.family, value: full & ~hosts))
  }

  static func zeros(_ count: Int) -> RegisterWords {
    var words = RegisterWords()
    for _ in 0..<count { words.append(0) }
    return words
  }
}
