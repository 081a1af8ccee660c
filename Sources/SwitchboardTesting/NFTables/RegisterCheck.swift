internal import NFTables

/// Refuses rules that read a register nothing has written, or use a set with a key or value of another width: the
/// kernel does so too.
struct RegisterCheck {
  let ruleset: FakeNFTables.Ruleset

  func check(_ rule: Rule) throws {
    var written: Set<Int> = []
    for expression in rule.expressions {
      for register in try reads(expression) where !written.contains(register) {
        throw FakeNFTables.Reason("\(expression) reads r\(register), which nothing has written")
      }
      written.formUnion(try writes(expression))
    }
  }

  private func span(_ register: Register, _ words: Int) throws -> [Int] {
    guard register.index + words <= Register.count else {
      throw FakeNFTables.Reason("\(words) words from \(register) go beyond the last register")
    }
    return Array(register.index..<(register.index + words))
  }

  private func set(_ name: String) throws -> NamedSet {
    guard let set = ruleset.sets[name] else { throw FakeNFTables.Reason("no set \(name)") }
    return set
  }

  private func addressWords(_ family: Table.Family) -> Int { family == .ipv6 ? 4 : 1 }

  private func reads(_ expression: RuleExpression) throws -> [Int] {
    switch expression {
    case .payload, .meta, .routeToSource, .connection, .load, .verdict, .random, .masquerade, .reject, .counter, .limit,
      .log:
      return []
    case .setMeta(_, let register): return [register.index]
    case .compare(let register, _, let words): return try span(register, words.count)
    case .mask(let register, let mask, let flip, _):
      guard mask.count == flip.count else { throw FakeNFTables.Reason("mask and flip differ in length") }
      return try span(register, mask.count)
    case .member(let name, let key, _):
      let set = try set(name)
      guard !set.isMap else { throw FakeNFTables.Reason("\(name) is a map: its value needs a register") }
      return try span(key, set.keyWords)
    case .lookup(let name, let key, _):
      let set = try set(name)
      guard case .fields = set.value else { throw FakeNFTables.Reason("\(name) has no values") }
      return try span(key, set.keyWords)
    case .lookupVerdict(let name, let key):
      let set = try set(name)
      guard set.value == .verdict else { throw FakeNFTables.Reason("\(name) is no verdict map") }
      return try span(key, set.keyWords)
    case .destinationNAT(let family, let address, let port):
      return try span(address, addressWords(family)) + (port.map { [$0.index] } ?? [])
    case .sourceNAT(let family, let address): return try span(address, addressWords(family))
    case .update(let update):
      let set = try set(update.set)
      guard set.isDynamic else { throw FakeNFTables.Reason("\(update.set) is not dynamic") }
      guard set.isMap == (update.data != nil) else { throw FakeNFTables.Reason("\(update.set): value register") }
      return try span(update.key, set.keyWords) + (update.data.map { try span($0, set.valueWords) } ?? [])
    }
  }

  private func writes(_ expression: RuleExpression) throws -> [Int] {
    switch expression {
    case .payload(_, _, let length, let into): return try span(into, (Int(length) + 3) / 4)
    case .meta(let key, let into): return try span(into, key.words)
    case .routeToSource(let into), .random(_, let into): return [into.index]
    case .connection(let key, _, let into):
      return try span(into, key == .sourceIPv6 || key == .destinationIPv6 ? 4 : 1)
    case .mask(_, let mask, _, let into): return try span(into, mask.count)
    case .lookup(let name, _, let into): return try span(into, try set(name).valueWords)
    case .load(let words, let into): return try span(into, words.count)
    default: return []
    }
  }
}
