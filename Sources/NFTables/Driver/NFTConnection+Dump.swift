internal import Netlink

/// Reading back what the kernel holds, to adopt it.
extension NFTConnection {
  package func holds(_ table: Table) throws(NFTablesError) -> Bool {
    try dump(.getTable, of: table, "list tables") { _ in }
      .contains { $0[type: Wire.TableAttribute.name]?.string == table.name }
  }

  /// Names of the table's chains.
  package func chains(of table: Table) throws(NFTablesError) -> [String] {
    // The kernel lists the chains of every table of the family.
    try dump(.getChain, of: table, "list chains") { _ in }
      .filter { $0[type: Wire.ChainAttribute.table]?.string == table.name }
      .compactMap { $0[type: Wire.ChainAttribute.name]?.string }
  }

  /// Number of rules of each chain that has any.
  package func ruleCounts(of table: Table) throws(NFTablesError) -> [String: Int] {
    try dump(.getRule, of: table, "list rules") { $0.string(Wire.RuleAttribute.table, table.name) }
      .filter { $0[type: Wire.RuleAttribute.table]?.string == table.name }
      .reduce(into: [:]) { counts, rule in
        if let chain = rule[type: Wire.RuleAttribute.chain]?.string { counts[chain, default: 0] += 1 }
      }
  }

  /// How many packets each counter of the chain has seen, in the order of its rules and their instructions.
  package func counters(of chain: String, in table: Table) throws(NFTablesError) -> [UInt64] {
    let rules = try dump(.getRule, of: table, "list rules of \(chain)") {
      $0.string(Wire.RuleAttribute.table, table.name)
      $0.string(Wire.RuleAttribute.chain, chain)
    }
    var counters: [UInt64] = []
    do throws(NetlinkError) {
      // Kernels that know no filter list the rules of every chain.
      for rule in rules
      where rule[type: Wire.RuleAttribute.table]?.string == table.name
        && rule[type: Wire.RuleAttribute.chain]?.string == chain
      {
        for item in try rule[type: Wire.RuleAttribute.expressions]?.attributes() ?? [] {
          let parts = try item.attributes()
          guard parts[type: Wire.ExpressionAttribute.name]?.string == RuleExpression.counter.kernelName else {
            continue
          }
          let content = try parts[type: Wire.ExpressionAttribute.data]?.attributes()
          counters.append(content?[type: 2]?.be64 ?? 0)  // NFTA_COUNTER_PACKETS
        }
      }
    } catch {
      throw NFTablesError(error, table: table, doing: "list counters of \(chain)")
    }
    return counters
  }

  /// All elements of a set or map, in no order. Refused with ENOENT where table or set are missing.
  package func elements(of set: String, in table: Table) throws(NFTablesError) -> [SetElement] {
    let lists = try dump(.getElement, of: table, "list elements of \(set)") {
      $0.string(Wire.ElementAttribute.table, table.name)
      $0.string(Wire.ElementAttribute.set, set)
    }
    var elements: [SetElement] = []
    do throws(NetlinkError) {
      for list in lists {
        for item in try list[type: Wire.ElementAttribute.elements]?.attributes() ?? [] {
          guard let element = SetElement(try item.attributes()) else {
            throw NetlinkError(.malformed, "an element is of no known form")
          }
          elements.append(element)
        }
      }
    } catch {
      throw NFTablesError(error, table: table, doing: "list elements of \(set)")
    }
    return elements
  }

  private func dump(
    _ message: Wire.Message, of table: Table, _ what: String, _ request: (inout NetlinkWriter) -> Void
  ) throws(NFTablesError) -> [[NetlinkAttribute]] {
    var writer = NetlinkWriter()
    writer.netfilterMessage(message.type, [.request, .dump], family: table.family.rawValue, request)
    do {
      return try socket.request(writer).map { (answer) throws(NetlinkError) in try answer.attributes(after: 4) }
    } catch {
      throw NFTablesError(error, table: table, doing: what)
    }
  }
}

extension SetElement {
  /// `nil` where the attributes are of no form this program writes.
  init?(_ attributes: [NetlinkAttribute]) {
    guard
      let key = try? attributes[type: Wire.ElementAttribute.key]?.attributes()[type: Wire.DataAttribute.value],
      let words = RegisterWords(bytes: key.payload)
    else { return nil }
    if let last = try? attributes[type: Wire.ElementAttribute.keyEnd]?.attributes()[type: Wire.DataAttribute.value] {
      guard let end = RegisterWords(bytes: last.payload) else { return nil }
      self.init(words, through: end)
      return
    }
    guard let data = try? attributes[type: Wire.ElementAttribute.data]?.attributes() else {
      self.init(words)
      return
    }
    if let value = data[type: Wire.DataAttribute.value] {
      guard let value = RegisterWords(bytes: value.payload) else { return nil }
      self.init(words, .words(value))
    } else if let verdict = try? data[type: Wire.DataAttribute.verdict]?.attributes(),
      let code = verdict[type: Wire.DataAttribute.verdictCode]?.be32,
      let value = RuleVerdict(
        code: Int32(bitPattern: code), chain: verdict[type: Wire.DataAttribute.verdictChain]?.string)
    {
      self.init(words, .verdict(value))
    } else {
      return nil
    }
  }
}
