internal import NFTables
internal import NetworkTypes

/// Runs one rule for one packet.
struct RuleMachine {
  enum Step: Hashable {
    case mismatch
    /// All instructions ran and none gave a verdict.
    case next
    case verdict(RuleVerdict)
    /// NAT has been chosen: nothing more in this hook's NAT chains applies.
    case translated
    /// Refused.
    case sealed
  }

  var ruleset: FakeNFTables.Ruleset
  var trace: PacketTrace
  let draw: (UInt32) -> UInt32
  let beforeLookup: (String, inout FakeNFTables.Ruleset) -> Void
  private var registers = [UInt32](repeating: 0, count: Register.count)

  init(
    ruleset: FakeNFTables.Ruleset, trace: PacketTrace, draw: @escaping (UInt32) -> UInt32,
    beforeLookup: @escaping (String, inout FakeNFTables.Ruleset) -> Void
  ) {
    self.ruleset = ruleset
    self.trace = trace
    self.draw = draw
    self.beforeLookup = beforeLookup
  }

  mutating func run(_ rule: Rule) -> Step {
    for expression in rule.expressions {
      let step = run(expression)
      if step != .next { return step }
    }
    return .next
  }

  private mutating func run(_ expression: RuleExpression) -> Step {
    switch expression {
    case .payload(let header, let offset, let length, let into):
      let bytes = header == .transport ? trace.packet.transportHeader : trace.packet.networkHeader
      guard header != .link, Int(offset + length) <= bytes.count else { return .mismatch }
      let field = bytes[Int(offset)..<Int(offset + length)]
      write(RegisterWords(bytes: field)!, at: into)
    case .meta(.transportProtocol, let into): write(.of(byte: trace.packet.transport.number), at: into)
    case .meta(.mark, let into): write(RegisterWords(trace.packet.mark), at: into)
    case .meta(.inputInterface, let into):
      // Packets of the node's own have none.
      guard let interface = trace.packet.inputInterface else { return .mismatch }
      write(RegisterWords(interface), at: into)
    case .meta, .routeToSource: return .mismatch
    case .setMeta(.mark, let from): trace.packet.mark = registers[from.index]
    case .setMeta: return .mismatch
    case .connection(let key, _, let into):
      guard let words = connection(key) else { return .mismatch }
      write(words, at: into)
    case .compare(let register, let comparison, let words):
      let isEqual = read(register, words.count) == words
      return isEqual == (comparison == .equal) ? .next : .mismatch
    case .mask(let register, let mask, let flip, let into):
      var words = RegisterWords()
      for index in 0..<mask.count { words.append(registers[register.index + index] & mask[index] ^ flip[index]) }
      write(words, at: into)
    case .load(let words, let into): write(words, at: into)
    case .random(let modulus, let into): write(RegisterWords(draw(modulus)), at: into)
    case .member, .lookup, .lookupVerdict: return look(expression)
    case .verdict(let verdict): return .verdict(verdict)
    case .destinationNAT, .sourceNAT, .masquerade: return translate(expression)
    case .reject(let rejection):
      trace.outcome = .refused(rejection)
      return .sealed
    case .update(let update): return change(update)
    // A limit is never reached: what is told of a packet does not change its way.
    case .counter, .limit: break
    case .log(let logging): trace.logged.append(logging.prefix)
    }
    return .next
  }

  private mutating func look(_ expression: RuleExpression) -> Step {
    switch expression {
    case .member(let set, let key, let inverted):
      return (element(set, key) != nil) != inverted ? .next : .mismatch
    case .lookup(let map, let key, let into):
      guard let words = element(map, key)?.words else { return .mismatch }
      write(words, at: into)
    case .lookupVerdict(let map, let key):
      guard case .verdict(let verdict) = element(map, key)?.value else { return .mismatch }
      return .verdict(verdict)
    default: break
    }
    return .next
  }

  private mutating func element(_ set: String, _ key: Register) -> SetElement? {
    beforeLookup(set, &ruleset)
    return ruleset.element(of: set, read(key, ruleset.sets[set]?.keyWords ?? 0))
  }

  private mutating func translate(_ expression: RuleExpression) -> Step {
    switch expression {
    case .destinationNAT(let family, let address, let port):
      let words = read(address, family == .ipv6 ? 4 : 1)
      let target = words.address(at: 0, family == .ipv6 ? .v6 : .v4)!
      let number = port.map { read($0, 1).port(at: 0) } ?? trace.packet.destination.port
      trace.packet.originalDestination = trace.packet.destination
      trace.packet.destination = SocketEndpoint(target, number)
    case .sourceNAT(let family, let address):
      trace.sourceAddress = read(address, family == .ipv6 ? 4 : 1).address(at: 0, family == .ipv6 ? .v6 : .v4)
    default: trace.isMasqueraded = true
    }
    return .translated
  }

  private mutating func change(_ update: DynamicUpdate) -> Step {
    guard let set = ruleset.sets[update.set] else { return .mismatch }
    let key = read(update.key, set.keyWords)
    var elements = ruleset.elements[update.set] ?? [:]
    defer { ruleset.elements[update.set] = elements }
    switch update.action {
    case .delete: elements.removeValue(forKey: key)
    case .add, .update:
      if elements[key] == nil {
        guard set.size == 0 || elements.count < Int(set.size) else { return .mismatch }
        elements[key] = SetElement(key, update.data.map { .words(read($0, set.valueWords)) })
      }
    }
    return .next
  }

  private func connection(_ key: ConnectionKey) -> RegisterWords? {
    let original = trace.packet.originalDestination
    var words = RegisterWords()
    switch key {
    case .status: words.append(original == nil ? 0 : 0x20)
    case .destinationPort: words.append(port: (original ?? trace.packet.destination).port)
    case .sourcePort: words.append(port: trace.packet.source.port)
    case .destinationIPv4, .destinationIPv6: words.append((original ?? trace.packet.destination).address)
    case .sourceIPv4, .sourceIPv6: words.append(trace.packet.source.address)
    case .state: words.append(trace.packet.state.bit)
    case .direction, .mark: return nil
    }
    return words
  }

  private func read(_ register: Register, _ count: Int) -> RegisterWords {
    var words = RegisterWords()
    for index in 0..<count { words.append(registers[register.index + index]) }
    return words
  }

  private mutating func write(_ words: RegisterWords, at register: Register) {
    for index in 0..<words.count { registers[register.index + index] = words[index] }
  }
}
