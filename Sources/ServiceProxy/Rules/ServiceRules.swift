package import NFTables
package import NetworkTypes

/// The static part of the kernel's Service rules: chains that read everything that changes from maps and sets.
///
/// A packet that opens a flow is looked up by destination in `svc`, which gives the class and the id of its Service
/// port's endpoints. The class's chain draws a number below the number of endpoints into the packet's mark and goes on
/// to `lb`, which finds the endpoint in `slots` under id and number. So a change of endpoints is a change of a few
/// elements, and the choice is even for any number of them.
///
/// Where clients outside are led to this node's endpoints only, those on the node find the whole cluster's in `svcin`,
/// which has class chains and an `lb` of its own. Source ranges are kept beside: `guard` gives the group of a load
/// balancer's address, `ranges` holds the blocks of each.
///
/// One table serves one address family. Registers: the key (address, protocol, port) comes first, then what `svc`
/// holds (traits, class, id), then room for an endpoint. Keys of the other maps use the id where it lies.
package struct ServiceRules: Sendable {
  package static let affinitySize: UInt32 = 262_144
  /// So many classes are there from the start; others come when a Service port first needs them.
  static let preparedEndpoints = 16

  package let family: IPAddress.Family
  package let tableName: String

  package init(family: IPAddress.Family, tableName: String = "switchboard-services") {
    self.family = family
    self.tableName = tableName
  }

  package var table: Table { Table(Table.Family(family), tableName) }

  /// Everything but elements of Services, in the order the kernel needs. Classes are added by
  /// ``addClass(_:among:includingTimeout:)``.
  package var skeleton: [NFTOperation] {
    var operations: [NFTOperation] = [.addTable] + Self.sets(family).map { .addSet($0) }
    for chain in chains { operations.append(.addChain(chain)) }
    for (chain, rules) in rules { operations += rules.map { .addRule(chain: chain, $0) } }
    for clients in Clients.allCases {
      operations.append(
        .addElements(set: clients.classes, Self.fixedClasses.map { classElement($0.word, $0.chain) }))
    }
    return operations
  }

  /// Name of an empty chain that says which version of the skeleton the table holds.
  package var fingerprint: String {
    "skeleton-" + String(NFTTransaction(table, skeleton).digest, radix: 16)
  }

  /// Makes the table anew, whatever it held, as the first steps of a transaction.
  package var rebuild: [NFTOperation] {
    [.addTable, .deleteTable] + skeleton + [.addChain(Chain(fingerprint))]
  }
}

/// Whose packets a look-up is for.
package enum Clients: Hashable, Sendable, CaseIterable {
  case everybody
  /// Pods of this node and the node itself, at addresses that lead others to this node's endpoints only.
  case inside

  /// The map of addresses.
  package var services: String { self == .everybody ? MapName.services : MapName.insideServices }
  /// The map of classes.
  package var classes: String { self == .everybody ? MapName.classes : MapName.insideClasses }
  /// Begins the names of chains that serve these clients only.
  var prefix: String { self == .everybody ? "" : "in-" }
}
