package import NFTables

/// nf_tables without a kernel: takes the same transactions, as strict as the kernel is, and lets packets through.
package struct FakeNFTables: Sendable {
  package struct Refusal: Error, Hashable, CustomStringConvertible {
    package let operation: String
    package let reason: String
    package var description: String { "\(operation): \(reason)" }
  }

  package struct Ruleset: Hashable, Sendable {
    package internal(set) var chains: [String: Chain] = [:]
    package internal(set) var rules: [String: [Rule]] = [:]
    package internal(set) var sets: [String: NamedSet] = [:]
    package internal(set) var elements: [String: [RegisterWords: SetElement]] = [:]

    /// The elements of a set or map.
    package func elements(of set: String) -> [SetElement] { elements[set].map { Array($0.values) } ?? [] }

    /// The element a key finds: its own, or the range it lies in.
    func element(of name: String, _ key: RegisterWords) -> SetElement? {
      guard let set = sets[name], set.isInterval else { return elements[name]?[key] }
      return elements[name]?.values.first { range in
        range.end.map { set.holds(key, within: range.key, $0) } ?? false
      }
    }
  }

  package private(set) var tables: [Table: Ruleset] = [:]

  package init() {}

  /// All operations or none.
  package mutating func commit(_ transaction: NFTTransaction) throws {
    var copy = tables
    for operation in transaction.operations {
      do {
        try Self.apply(operation, to: &copy[transaction.table])
      } catch let reason as Reason {
        throw Refusal(operation: operation.summary, reason: reason.text)
      }
    }
    if let ruleset = copy[transaction.table] { try ruleset.validate() }
    tables = copy
  }

  struct Reason: Error {
    let text: String
    init(_ text: String) { self.text = text }
  }

  private static func apply(_ operation: NFTOperation, to table: inout Ruleset?) throws {
    switch operation {
    case .addTable:
      if table == nil { table = Ruleset() }
      return
    case .deleteTable:
      guard table != nil else { throw Reason("no such table") }
      table = nil
      return
    default: break
    }
    guard var ruleset = table else { throw Reason("no such table") }
    table = nil  // One owner, so that elements change in place.
    defer { table = ruleset }
    try ruleset.apply(operation)
  }
}

extension FakeNFTables.Ruleset {
  fileprivate mutating func apply(_ operation: NFTOperation) throws {
    switch operation {
    case .addTable, .deleteTable: break
    case .addChain(let chain):
      if let existing = chains[chain.name], existing != chain { throw FakeNFTables.Reason("chain differs") }
      chains[chain.name] = chain
    case .deleteChain(let name):
      guard chains.removeValue(forKey: name) != nil else { throw FakeNFTables.Reason("no such chain") }
      rules.removeValue(forKey: name)
    case .flushChain(let name):
      guard chains[name] != nil else { throw FakeNFTables.Reason("no such chain") }
      rules.removeValue(forKey: name)
    case .addRule(let chain, let rule):
      guard chains[chain] != nil else { throw FakeNFTables.Reason("no such chain") }
      try RegisterCheck(ruleset: self).check(rule)
      rules[chain, default: []].append(rule)
    case .addSet(let set):
      if let existing = sets[set.name], existing != set { throw FakeNFTables.Reason("set differs") }
      if set.isDynamic && set.size == 0 { throw FakeNFTables.Reason("a dynamic set needs a size") }
      sets[set.name] = set
    case .deleteSet(let name):
      guard sets.removeValue(forKey: name) != nil else { throw FakeNFTables.Reason("no such set") }
      elements.removeValue(forKey: name)
    case .flushSet(let name):
      guard sets[name] != nil else { throw FakeNFTables.Reason("no such set") }
      elements.removeValue(forKey: name)
    case .addElements(let set, let added): for element in added { try add(element, to: set) }
    case .deleteElements(let set, let removed):
      for element in removed {
        guard elements[set]?.removeValue(forKey: element.key) != nil else {
          throw FakeNFTables.Reason("no element \(element.key)")
        }
      }
    }
  }

  private mutating func add(_ element: SetElement, to name: String) throws {
    guard let set = sets[name] else { throw FakeNFTables.Reason("no such set") }
    guard element.key.count == set.keyWords else {
      throw FakeNFTables.Reason("key \(element.key) is of another length")
    }
    switch (set.value, element.value) {
    case (nil, nil): break
    case (.verdict, .verdict(let verdict)):
      if let chain = verdict.chain, chains[chain] == nil { throw FakeNFTables.Reason("no chain \(chain)") }
    case (.fields, .words(let words)) where words.count == set.valueWords: break
    default: throw FakeNFTables.Reason("the value of \(element.key) is of another kind")
    }
    try checkRange(of: element, in: set)
    if let existing = elements[name]?[element.key], existing.value != element.value {
      throw FakeNFTables.Reason("element \(element.key) has another value")
    }
    elements[name, default: [:]][element.key] = element
  }

  private func checkRange(of element: SetElement, in set: NamedSet) throws {
    guard set.isInterval == (element.end != nil) else {
      throw FakeNFTables.Reason("\(element.key) \(set.isInterval ? "has no end" : "is no range")")
    }
    guard let end = element.end else { return }
    guard end.count == element.key.count, set.holds(end, within: element.key, end) else {
      throw FakeNFTables.Reason("the end of \(element.key) is of another length")
    }
    for other in elements[set.name]?.values.map({ $0 }) ?? [] where other != element {
      guard let last = other.end else { continue }
      if set.holds(element.key, within: other.key, last) || set.holds(other.key, within: element.key, end) {
        throw FakeNFTables.Reason("\(element.key) overlaps \(other.key)")
      }
    }
  }

  /// What the kernel checks at the end of a batch: nothing refers to what is not there.
  fileprivate func validate() throws {
    for (chain, rules) in rules {
      for rule in rules {
        for case .verdict(let verdict) in rule.expressions {
          guard let target = verdict.chain else { continue }
          guard chains[target] != nil else {
            throw FakeNFTables.Refusal(operation: "chain \(chain)", reason: "leads to \(target), which is not there")
          }
        }
      }
    }
    for (name, members) in elements where sets[name]?.value == .verdict {
      for case .verdict(let verdict) in members.values.compactMap(\.value) {
        guard let target = verdict.chain, chains[target] == nil else { continue }
        throw FakeNFTables.Refusal(operation: "map \(name)", reason: "leads to \(target), which is not there")
      }
    }
  }
}
