internal import ClusterModel
internal import LinuxKernel
package import NFTables
package import ServicePlan

/// The kernel's Service table: reads it back, and carries deltas into it.
package struct ServiceKernel: Sendable {
  package let rules: ServiceRules
  private let connection: NFTConnection
  /// Words of the classes that have a chain, and timeouts that have one.
  private var knownClasses: [Clients: Set<UInt32>] = [:]
  private var knownTimeouts: [Clients: Set<Int>] = [:]
  private static let smallCrowd = 256
  private var crowd = Self.smallCrowd
  /// The next transaction makes the table anew.
  private var needsRebuild = true

  package init(rules: ServiceRules, connection: NFTConnection) {
    self.rules = rules
    self.connection = connection
  }

  /// What the kernel holds, if these very rules made it; otherwise an empty table, and the next commit makes it anew
  /// in the same transaction that fills it.
  package mutating func adopt() throws(NFTablesError) -> ServiceTable? {
    discard()
    guard try connection.holds(rules.table) else { return nil }
    let chains = try connection.chains(of: rules.table)
    guard chains.contains(rules.fingerprint) else { return nil }
    var table = ServiceTable()
    guard let services = rules.readServices(try elements(MapName.services)),
      let insideServices = rules.readServices(try elements(MapName.insideServices)),
      let guardedAddresses = rules.readGuarded(try elements(MapName.guarded)),
      let sourceRanges = rules.readSourceRanges(try elements(MapName.sourceRanges)),
      let slots = rules.readSlots(try elements(MapName.slots)),
      let affinityEndpoints = rules.readAffinityEndpoints(try elements(MapName.affinityEndpoints)),
      let localEndpoints = rules.readAddresses(try elements(MapName.localEndpoints)),
      let exemptAddresses = rules.readAddresses(try elements(MapName.exempt))
    else { return nil }
    table.services = services
    table.insideServices = insideServices
    table.guardedAddresses = guardedAddresses
    table.sourceRanges = sourceRanges
    table.slots = slots
    table.affinityEndpoints = affinityEndpoints
    table.localEndpoints = localEndpoints
    table.exemptAddresses = exemptAddresses
    for clients in Clients.allCases {
      knownClasses[clients] = Set(try elements(clients.classes).map { $0.key[0] })
      knownTimeouts[clients] = Set(chains.compactMap { ChainName.timeout(of: $0, clients) })
    }
    needsRebuild = false
    return table
  }

  private func elements(_ set: String) throws(NFTablesError) -> [SetElement] {
    try connection.elements(of: set, in: rules.table)
  }

  /// Makes the next commit begin with an empty table.
  package mutating func discard() {
    needsRebuild = true
    for clients in Clients.allCases {
      knownClasses[clients] = Set(ServiceRules.fixedClasses.map(\.word))
      knownTimeouts[clients] = []
    }
  }

  /// Puts a delta in force in one transaction.
  package mutating func commit(_ delta: ServiceDelta) throws(NFTablesError) {
    var (classes, timeouts) = (knownClasses, knownTimeouts)
    var transaction = NFTTransaction(rules.table, needsRebuild ? rules.rebuild : [])
    if let node = delta.node { transaction.operations += rules.nodeSteps(node) }
    let prepared = needsRebuild ? (1...ServiceRules.preparedEndpoints).map { BackendClass(endpointCount: $0) } : []
    let needed = [
      Clients.everybody: prepared + delta.services.added.map(\.value.backendClass),
      .inside: delta.insideServices.added.map(\.value.backendClass),
    ]
    for clients in Clients.allCases {
      for backendClass in needed[clients] ?? []
      where classes[clients, default: []].insert(backendClass.word).inserted {
        let seconds = backendClass.affinitySeconds
        let isNewTimeout = seconds > 0 && timeouts[clients, default: []].insert(seconds).inserted
        transaction.operations += rules.addClass(backendClass, among: clients, includingTimeout: isNewTimeout)
      }
    }
    transaction.operations += rules.elementSteps(delta).operations
    try connection.commit(transaction)
    (knownClasses, knownTimeouts) = (classes, timeouts)
    needsRebuild = false
  }

  /// Whether so many classes have a chain that it is worth looking which of them are in use.
  package var isCrowded: Bool { knownClasses.values.reduce(0) { $0 + $1.count } > crowd }

  /// Removes the chains of classes that are not in use. They cost nothing but memory, and each timeout's rules read the
  /// map of addresses, which makes changes there dearer.
  package mutating func collect(keeping inUse: [Clients: Set<BackendClass>]) throws(NFTablesError) {
    var transaction = NFTTransaction(rules.table)
    var (classes, timeouts) = (knownClasses, knownTimeouts)
    for clients in Clients.allCases {
      let kept = (inUse[clients] ?? []).union(
        (1...ServiceRules.preparedEndpoints).map { BackendClass(endpointCount: $0) })
      let words = Set(kept.map(\.word)).union(ServiceRules.fixedClasses.map(\.word))
      let unused = (classes[clients] ?? []).subtracting(words).compactMap { BackendClass(word: $0) }
      transaction.operations += rules.removeClasses(unused, among: clients)
      let seconds = (timeouts[clients] ?? []).subtracting(kept.map(\.affinitySeconds))
      transaction.operations += seconds.sorted().map { .deleteChain(ChainName.affinity(clients, seconds: $0)) }
      classes[clients]?.subtract(unused.map(\.word))
      timeouts[clients]?.subtract(seconds)
    }
    // Where the kernel refuses, it is tried again when there are twice as many, not with every change.
    crowd = max(Self.smallCrowd, 2 * knownClasses.values.reduce(0) { $0 + $1.count })
    try connection.commit(transaction)
    (knownClasses, knownTimeouts) = (classes, timeouts)
    crowd = max(Self.smallCrowd, 2 * classes.values.reduce(0) { $0 + $1.count })
  }
}
