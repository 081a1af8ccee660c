package import NFTables
package import NetworkTypes

extension ServiceRules {
  /// Steps that tell the rules what the node's own addresses are.
  package func nodeSteps(podBlocks: [CIDR], addresses: [IPAddress]) -> [NFTOperation] {
    let chains = [ChainName.sources, ChainName.ownAddresses, ChainName.insiders, ChainName.invalid]
    var operations: [NFTOperation] = chains.map { .flushChain($0) } + [.flushSet(MapName.nodeAddress)]
    func add(_ chain: String, _ block: CIDR, _ load: RuleExpression, _ verdict: RuleVerdict) {
      operations.append(.addRule(chain: chain, Rule("\(block)", lies(in: block, load) + [.verdict(verdict)])))
    }
    for block in podBlocks {
      // An acceptance ends the traversal: a return would lead back to the masquerade.
      add(ChainName.sources, block, source(into: key), .accept)
      add(ChainName.insiders, block, source(into: key), .goto(ChainName.chooseInside))
      add(ChainName.invalid, block, source(into: key), .drop)
      add(ChainName.invalid, block, destination(into: key), .drop)
    }
    for block in serviceBlocks { add(ChainName.invalid, block, destination(into: key), .drop) }
    for address in addresses {
      add(ChainName.sources, CIDR(host: address), source(into: key), .accept)
      add(ChainName.ownAddresses, CIDR(host: address), source(into: key), .accept)
    }
    if let address = addresses.first {
      operations.append(
        .addElements(set: MapName.nodeAddress, [SetElement(RegisterWords(0), .words(.of(address)))]))
    }
    return operations
  }
}
