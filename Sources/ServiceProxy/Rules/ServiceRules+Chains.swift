internal import NFTables
internal import NetworkTypes

/// The chains' rules, except those of classes and those that name addresses of the node or blocks of the cluster.
extension ServiceRules {
  var rules: [(chain: String, rules: [Rule])] {
    let filters = [(ChainName.forward, forwarding)] + (family == .v4 ? [(ChainName.loopback, loopbackGuard)] : [])
    return [
      (ChainName.refuse, refusal), (ChainName.drop, [Rule("", [.verdict(.drop)])]),
      (ChainName.balance(.everybody), balancing(.everybody)),
      (ChainName.balance(.inside), balancing(.inside)), (ChainName.chooseInside, [choice(.inside)]),
      (ChainName.masquerade, masquerading), (ChainName.translate, replyPath),
      (ChainName.postrouting, postrouting), (ChainName.prerouting, entering(insiders: .jump(ChainName.insiders))),
      // Whatever the node itself sends is from inside.
      (ChainName.output, entering(insiders: .jump(ChainName.chooseInside))),
    ] + filters
  }

  private func entering(insiders: RuleVerdict) -> [Rule] {
    [
      Rule(
        "from outside the source ranges",
        loadKey + [
          .lookup(MapName.guarded, key: key, into: id), source(into: id + 1),
          .member(of: MapName.sourceRanges, key: id, inverted: true), .verdict(.goto(ChainName.drop)),
        ]),
      Rule("clients here reach the whole cluster's", findService(.inside) + [.verdict(insiders)]),
      choice(.everybody),
      Rule("addresses of no Service", [.verdict(.jump(ChainName.guardBlocks))]),
    ]
  }

  private func choice(_ clients: Clients) -> Rule {
    Rule("choose by class", findService(clients) + [.lookupVerdict(clients.classes, key: classRegister)])
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

  private func balancing(_ clients: Clients) -> [Rule] {
    let number = id + 1
    let endpoint = Register(0)
    let choose: [RuleExpression] = [
      .lookup(MapName.slots, key: id, into: endpoint),
      .destinationNAT(table.family, address: endpoint, port: endpoint + addressWords),
    ]
    let find = findService(clients)
    return [
      Rule(
        "the slot of the number drawn",
        find + [.meta(.mark, into: number)] + setMark(0, through: number + 1) + choose),
      // A commit may fall between the look-up of the class and that of the slot: the number may be beyond the end.
      // Passing would leave a connection entry without translation behind, which stalls every reuse of the port.
      Rule("a commit came between: the first slot", find + [.load(RegisterWords(0), into: number)] + choose),
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
  /// the client is; anybody else's source becomes this node's, and that of whoever came to an address for the outside.
  private var replyPath: [Rule] {
    let selfCall: [RuleExpression] = [
      source(into: key), destination(into: key + addressWords),
      .member(of: MapName.localEndpoints, key: key, inverted: false),
    ]
    // The Service whose address `load` puts into a register, with the port that the client asked for.
    func service(at load: RuleExpression) -> [RuleExpression] {
      [
        load, .meta(.transportProtocol, into: key + addressWords),
        .connection(.destinationPort, .original, into: key + addressWords + 1),
        .lookup(MapName.services, key: key, into: entry),
      ]
    }
    let ownService = service(
      at: .connection(family == .v4 ? .destinationIPv4 : .destinationIPv6, .original, into: key))
    // Where the node holds a load balancer's address itself, its own packets to it have that address as their source
    // too. Endpoints are to see the node by the address that others see.
    let fromHeldAddress = service(at: source(into: key))
    let fromLoopback =
      family == .v4
      ? [Rule("from 127.0.0.1", ownService + lies(in: .loopback, source(into: key)) + takeNodeAddress)] : []
    return [
      Rule("an endpoint calls itself", selfCall + takeNodeAddress),
      Rule("an endpoint calls itself", selfCall + [.masquerade]),
    ] + fromLoopback + [
      Rule(
        "an address for the outside",
        ownService + [
          .compare(entry, .equal, RegisterWords(Self.masqueradeTrait)), .verdict(.goto(ChainName.masquerade)),
        ]),
      Rule("the node itself, from an address of the Service", fromHeldAddress + takeNodeAddress),
      Rule("the endpoint is here", leadsToLocalEndpoint + [.verdict(.return)]),
      Rule("the client is here", [.verdict(.jump(ChainName.sources))]),
      Rule("neither is here", ownService + [.masquerade]),
    ]
  }

  /// The link to a pod may have no address to masquerade with.
  private var masquerading: [Rule] {
    [
      Rule("the node itself", [.verdict(.jump(ChainName.ownAddresses))]),
      Rule("to a pod here", leadsToLocalEndpoint + takeNodeAddress),
      Rule("", [.masquerade]),
    ]
  }

  /// A packet that tracking takes for invalid is not translated back: the client would see an endpoint's own address,
  /// answer it with a reset, and so end a connection that is in order.
  private var forwarding: [Rule] {
    [
      Rule(
        "invalid",
        [
          .connection(.state, nil, into: key),
          .mask(key, RegisterWords(1), flip: RegisterWords(0), into: key),  // NF_CT_STATE_INVALID_BIT
          .compare(key, .notEqual, RegisterWords(0)), .meta(.transportProtocol, into: key),
          .compare(key, .equal, .of(byte: 6)), .verdict(.jump(ChainName.invalid)),
        ])
    ]
  }

  /// Host ports at 127.0.0.1 need `route_localnet`, with which the kernel would let neighbours in as well.
  private var loopbackGuard: [Rule] {
    [
      Rule(
        "to 127.0.0.0/8 from elsewhere",
        lies(in: .loopback, destination(into: key)) + [
          .meta(.inputInterface, into: key), .compare(key, .notEqual, RegisterWords(1)), .verdict(.drop),
        ])
    ]
  }
}

extension CIDR {
  fileprivate static let loopback = CIDR(IPAddress(v4: 127, 0, 0, 0), prefixLength: 8)!
}
