package import NFTables
package import PolicyPlan

/// Turns deltas into transactions, knowing which profiles have a chain.
package struct PolicyChanges: Sendable {
  package let rules: PolicyRules
  private var profiles: Set<UInt32> = []
  /// The next transaction makes the table anew: what was in force stays so until it takes effect as a whole.
  private var needsRebuild = true

  package init(rules: PolicyRules) { self.rules = rules }

  /// The transaction that puts a delta in force, and what is known once it has.
  package func step(_ delta: PolicyDelta) -> (transaction: NFTTransaction, next: PolicyChanges) {
    var next = self
    next.needsRebuild = false
    var transaction = NFTTransaction(rules.table, needsRebuild ? rules.rebuild : [])
    transaction.operations += rules.removals(delta).operations
    for (number, profile) in delta.profiles.sorted(by: { $0.key < $1.key }) {
      if let profile {
        transaction.operations += rules.put(profile, number, isNew: next.profiles.insert(number).inserted)
      } else if next.profiles.remove(number) != nil {
        transaction.operations += rules.remove(number)
      }
    }
    transaction.operations += rules.additions(delta).operations
    return (transaction, next)
  }
}

/// Carries deltas into the kernel's policy table.
package struct PolicyKernel: Sendable {
  private var changes: PolicyChanges
  private let connection: NFTConnection

  package init(rules: PolicyRules, connection: NFTConnection) {
    changes = PolicyChanges(rules: rules)
    self.connection = connection
  }

  /// Puts a delta in force in one transaction.
  package mutating func commit(_ delta: PolicyDelta) throws(NFTablesError) {
    let step = changes.step(delta)
    try connection.commit(step.transaction)
    changes = step.next
  }
}
