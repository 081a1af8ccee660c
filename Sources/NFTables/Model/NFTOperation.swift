/// One step of a transaction on one table.
package enum NFTOperation: Hashable, Sendable {
  /// Fine where the table is there already.
  case addTable
  /// With all it holds. Fails where the table is not there: precede it with ``addTable``.
  case deleteTable
  /// Fine where the chain is there already.
  case addChain(Chain)
  case deleteChain(String)
  /// Removes the rules, keeps the chain.
  case flushChain(String)
  case addRule(chain: String, Rule)
  /// Fine where an equal set is there already.
  case addSet(NamedSet)
  case deleteSet(String)
  /// Fine for elements that are there with the same value; EEXIST where the value differs.
  case addElements(set: String, [SetElement])
  /// ENOENT where an element is not there.
  case deleteElements(set: String, [SetElement])
  /// Removes all elements.
  case flushSet(String)

  /// Names the step in error messages.
  package var summary: String {
    switch self {
    case .addTable: "add table"
    case .deleteTable: "delete table"
    case .addChain(let chain): "add chain \(chain.name)"
    case .deleteChain(let name): "delete chain \(name)"
    case .flushChain(let name): "flush chain \(name)"
    case .addRule(let chain, let rule): "add rule to chain \(chain)\(rule.comment.isEmpty ? "" : " (\(rule.comment))")"
    case .addSet(let set): "add \(set.isMap ? "map" : "set") \(set.name)"
    case .deleteSet(let name): "delete set \(name)"
    case .addElements(let set, let elements): "add \(elements.count) elements to \(set)"
    case .deleteElements(let set, let elements): "delete \(elements.count) elements of \(set)"
    case .flushSet(let name): "flush set \(name)"
    }
  }
}

/// Steps that take effect together or not at all.
package struct NFTTransaction: Hashable, Sendable {
  package let table: Table
  package var operations: [NFTOperation]

  package init(_ table: Table, _ operations: [NFTOperation] = []) {
    self.table = table
    self.operations = operations
  }

  package var isEmpty: Bool { operations.isEmpty }

  package mutating func append(_ operation: NFTOperation) { operations.append(operation) }

  /// A change of a value is a deletion and an addition: the kernel replaces none in place.
  package mutating func add(_ elements: [SetElement], to set: String) {
    if !elements.isEmpty { operations.append(.addElements(set: set, elements)) }
  }

  package mutating func delete(_ elements: [SetElement], from set: String) {
    if !elements.isEmpty { operations.append(.deleteElements(set: set, elements)) }
  }
}
