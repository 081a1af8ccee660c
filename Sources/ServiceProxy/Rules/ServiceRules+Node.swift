package import NFTables
internal import NetworkTypes
package import ServicePlan

extension ServiceRules {
  /// Steps that tell the rules what the node's own addresses are, and where Services have theirs.
  package func nodeSteps(_ node: NodeFacts) -> [NFTOperation] {
    let chains = [
      ChainName.sources, ChainName.ownAddresses, ChainName.insiders, ChainName.invalid, ChainName.guardBlocks,
    ]
    var operations: [NFTOperation] = chains.map { .flushChain($0) } + [.flushSet(MapName.nodeAddress)]
    func add(_ chain: String, _ block: CIDR, _ load: RuleExpression, _ verdict: RuleVerdict) {
      operations.append(.addRule(chain: chain, Rule("\(block)", lies(in: block, load) + [.verdict(verdict)])))
    }
    for block in node.podBlocks {
      // An acceptance ends the traversal: a return would lead back to the masquerade.
      add(ChainName.sources, block, source(into: key), .accept)
      add(ChainName.insiders, block, source(into: key), .goto(ChainName.chooseInside))
      add(ChainName.invalid, block, source(into: key), .drop)
      add(ChainName.invalid, block, destination(into: key), .drop)
    }
    for block in node.serviceBlocks {
      add(ChainName.invalid, block, destination(into: key), .drop)
      operations.append(.addRule(chain: ChainName.guardBlocks, refusal(in: block)))
    }
    for address in node.addresses {
      add(ChainName.sources, CIDR(host: address), source(into: key), .accept)
      add(ChainName.ownAddresses, CIDR(host: address), source(into: key), .accept)
    }
    if let address = node.sourceAddress {
      operations.append(
        .addElements(set: MapName.nodeAddress, [SetElement(RegisterWords(0), .words(.of(address)))]))
    }
    return operations
  }

  /// An address of a Service has been found before.
  private func refusal(in block: CIDR) -> Rule {
    Rule(
      "\(block)",
      lies(in: block, destination(into: key)) + [
        .member(of: MapName.exempt, key: key, inverted: true), .verdict(.goto(ChainName.refuse)),
      ])
  }
}
