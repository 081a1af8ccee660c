internal import LinuxKernel
package import NFTables
package import ServicePlan

/// The kernel's Service table: reads it back, and carries deltas into it.
package struct ServiceKernel: Sendable {
  package let rules: ServiceRules
  private let connection: NFTConnection
  private var knownClasses: Set<UInt32> = []
  private var knownTimeouts: Set<Int> = []
  /// The next transaction makes the table anew.
  private var needsRebuild = true

  package init(rules: ServiceRules, connection: NFTConnection) {
    self.rules = rules
    self.connection = connection
  }

  /// What the kernel holds, if these very rules made it; otherwise an empty table, and the next commit makes it anew
  /// in the same transaction that fills it.
  package mutating func adopt() throws(NFTablesError) -> ServiceTable? {
    needsRebuild = true
    knownClasses = [0]
    knownTimeouts = []
    guard try connection.holds(rules.table) else { return nil }
    let chains = try connection.chains(of: rules.table)
    guard chains.contains(rules.fingerprint) else { return nil }
    var table = ServiceTable()
    guard let services = rules.readServices(try elements(MapName.services)),
      let slots = rules.readSlots(try elements(MapName.slots)),
      let affinityEndpoints = rules.readAffinityEndpoints(try elements(MapName.affinityEndpoints)),
      let localEndpoints = rules.readAddresses(try elements(MapName.localEndpoints)),
      let exemptAddresses = rules.readAddresses(try elements(MapName.exempt))
    else { return nil }
    table.services = services
    table.slots = slots
    table.affinityEndpoints = affinityEndpoints
    table.localEndpoints = localEndpoints
    table.exemptAddresses = exemptAddresses
    knownClasses = Set(try elements(MapName.classes).map { $0.key[0] })
    knownTimeouts = Set(chains.compactMap { ServiceRules.timeout(ofChain: $0) })
    needsRebuild = false
    return table
  }

  private func elements(_ set: String) throws(NFTablesError) -> [SetElement] {
    try connection.elements(of: set, in: rules.table)
  }

  /// Makes the next commit begin with an empty table.
  package mutating func discard() {
    needsRebuild = true
    knownClasses = [0]
    knownTimeouts = []
  }

  /// Puts a delta in force in one transaction.
  package mutating func commit(_ delta: ServiceDelta) throws(NFTablesError) {
    var classes = knownClasses
    var timeouts = knownTimeouts
    var transaction = NFTTransaction(rules.table, needsRebuild ? rules.rebuild : [])
    if let node = delta.node {
      transaction.operations += rules.nodeSteps(podBlocks: node.podBlocks, addresses: node.addresses)
    }
    let prepared = needsRebuild ? (1...ServiceRules.preparedEndpoints).map { BackendClass(endpointCount: $0) } : []
    for needed in prepared + delta.services.added.map(\.value.backendClass)
    where classes.insert(needed.word).inserted {
      let isNewTimeout = needed.affinitySeconds > 0 && timeouts.insert(needed.affinitySeconds).inserted
      transaction.operations += rules.addClass(
        word: needed.word, endpointCount: needed.endpointCount, affinitySeconds: needed.affinitySeconds,
        includingTimeout: isNewTimeout)
    }
    transaction.operations += rules.elementSteps(delta).operations
    try connection.commit(transaction)
    knownClasses = classes
    knownTimeouts = timeouts
    needsRebuild = false
  }
}
