package import NFTables
internal import NetworkTypes
package import ServicePlan

extension ServiceRules {
  /// Steps that make a class's chain known; with affinity, also the chain of its timeout unless that is there.
  package func addClass(
    _ backendClass: BackendClass, among clients: Clients, includingTimeout: Bool
  ) -> [NFTOperation] {
    let seconds = backendClass.affinitySeconds
    let chain = ChainName.choice(clients, backendClass)
    let next = seconds == 0 ? ChainName.balance(clients) : ChainName.affinity(clients, seconds: seconds)
    var operations: [NFTOperation] = []
    if seconds > 0, includingTimeout {
      operations.append(.addChain(Chain(next)))
      operations += affinityRules(clients, seconds: seconds).map { .addRule(chain: next, $0) }
    }
    operations.append(.addChain(Chain(chain)))
    operations.append(
      .addRule(
        chain: chain,
        Rule(
          "",
          [
            .random(modulus: UInt32(backendClass.endpointCount), into: Register(0)),
            .setMeta(.mark, from: Register(0)), .verdict(.goto(next)),
          ])))
    operations.append(.addElements(set: clients.classes, [classElement(backendClass.word, chain)]))
    return operations
  }

  /// Steps that remove classes and their chains; a timeout's chain may go once no class has the timeout.
  package func removeClasses(_ classes: [BackendClass], among clients: Clients) -> [NFTOperation] {
    guard !classes.isEmpty else { return [] }
    let elements = classes.map { SetElement(RegisterWords($0.word)) }
    return [.deleteElements(set: clients.classes, elements)]
      + classes.map { .deleteChain(ChainName.choice(clients, $0)) }
  }

  /// A client stays with its endpoint as long as that is one; otherwise it is given another, and that is remembered.
  private func affinityRules(_ clients: Clients, seconds: Int) -> [Rule] {
    let timeout = Duration.seconds(seconds)
    // The client's address lies right before the id, so that both are a key of `aff`.
    let client = id - addressWords
    let remembered = id + 1
    let number = id + 1
    let chosen = id + 2
    let scratch = Register(0)
    let find = findService(clients)
    return [
      Rule(
        "stay",
        find + [
          source(into: client), .lookup(MapName.affinity, key: client, into: remembered),
          .member(of: MapName.affinityEndpoints, key: id, inverted: false),
          .update(
            DynamicUpdate(MapName.affinity, .update, key: client, data: remembered, timeout: timeout)),
        ] + setMark(0, through: scratch) + [
          .destinationNAT(table.family, address: remembered, port: remembered + addressWords)
        ]),
      Rule(
        "choose and remember",
        find + [
          .meta(.mark, into: number), .lookup(MapName.slots, key: id, into: chosen), source(into: client),
          .update(DynamicUpdate(MapName.affinity, .delete, key: client, data: chosen)),
          .update(DynamicUpdate(MapName.affinity, .update, key: client, data: chosen, timeout: timeout)),
        ] + setMark(0, through: scratch) + [
          .destinationNAT(table.family, address: chosen, port: chosen + addressWords)
        ]),
      // The map of clients is full, or a commit came between.
      Rule("", [.verdict(.goto(ChainName.balance(clients)))]),
    ]
  }
}
