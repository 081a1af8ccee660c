package import NetworkTypes

/// Which of a Service port's endpoints traffic may go to: the whole cluster's, or those on this node only.
package enum EndpointScope: Hashable, Sendable, CaseIterable {
  case cluster
  case local
}

/// Whom an address of a Service port is for, and which endpoints take what they send there.
package enum AddressReach: Hashable, Sendable {
  /// For clients in the cluster: they keep their source.
  case inside(EndpointScope)
  /// For clients outside. With the cluster's endpoints the answer has to come back through this node, so the source
  /// becomes the node's. With local ones it stays; pods of this node and the node itself then reach the whole
  /// cluster's all the same.
  case outside(EndpointScope)

  /// The endpoints the address leads to, and for ``outside(_:)`` with local ones also those for clients inside.
  var scopes: [EndpointScope] {
    switch self {
    case .inside(let scope): [scope]
    case .outside(.cluster): [.cluster]
    case .outside(.local): [.local, .cluster]
    }
  }
}
