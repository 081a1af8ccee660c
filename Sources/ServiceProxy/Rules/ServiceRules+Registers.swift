internal import NFTables
internal import NetworkTypes

/// Where rules keep what they read, and how they read it.
extension ServiceRules {
  /// Words of an address: the unit of the register layout.
  var addressWords: Int { family.bits / 32 }
  /// address . protocol . port
  var key: Register { Register(0) }
  /// traits, class, id: what `svc` holds
  var entry: Register { key + addressWords + 2 }
  var classRegister: Register { entry + 1 }
  var id: Register { entry + 2 }

  /// The bit of an entry's traits that says: clients appear with the node's address.
  static let masqueradeTrait: UInt32 = 1

  func source(into register: Register) -> RuleExpression { .source(family, into: register) }
  func destination(into register: Register) -> RuleExpression { .destination(family, into: register) }

  /// The destination as a key of `svc`.
  var loadKey: [RuleExpression] {
    [
      destination(into: key), .meta(.transportProtocol, into: key + addressWords),
      .payload(.transport, offset: 2, length: 2, into: key + addressWords + 1),
    ]
  }

  func findService(_ clients: Clients) -> [RuleExpression] {
    loadKey + [.lookup(clients.services, key: key, into: entry)]
  }

  func setMark(_ value: UInt32, through register: Register) -> [RuleExpression] {
    [.load(RegisterWords(value), into: register), .setMeta(.mark, from: register)]
  }

  /// Goes on where an address that `load` puts into a register lies in the block.
  func lies(in block: CIDR, _ load: RuleExpression) -> [RuleExpression] {
    [
      load, .mask(key, .mask(block), flip: .zeros(addressWords), into: key + addressWords),
      .compare(key + addressWords, .equal, .of(block.base)),
    ]
  }

  /// Goes on where the packet leads to an endpoint of this node.
  var leadsToLocalEndpoint: [RuleExpression] {
    [
      destination(into: key), destination(into: key + addressWords),
      .member(of: MapName.localEndpoints, key: key, inverted: false),
    ]
  }

  /// Gives the packet the node's address as its source; goes on where none is known.
  var takeNodeAddress: [RuleExpression] {
    let number = key + 2 * addressWords
    return [
      .load(RegisterWords(0), into: number), .lookup(MapName.nodeAddress, key: number, into: key),
      .sourceNAT(table.family, address: key),
    ]
  }
}
