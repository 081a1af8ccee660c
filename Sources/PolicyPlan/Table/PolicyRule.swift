/// One allowance as the kernel gets it: peers by a group, ports by a group.
package struct PolicyRule: Hashable, Sendable {
  package enum Peers: Hashable, Sendable {
    case anybody
    case addresses(UInt32)
    case blocks(UInt32)
    /// Pods at what a port's name means there; the ports are in the group.
    case sockets(UInt32)
  }

  package let peers: Peers
  /// `nil`: whatever the protocol.
  package let ports: UInt32?
  /// The rules of policies it comes from.
  package let origins: [PolicyRuleReference]

  package init(_ peers: Peers, ports: UInt32?, from origins: [PolicyRuleReference]) {
    self.peers = peers
    self.ports = ports
    self.origins = origins
  }
}

/// What pods with the same policies have in common in one direction: what none of the rules allows is denied.
package struct PolicyProfile: Hashable, Sendable {
  package let direction: PolicyDirection
  package let rules: [PolicyRule]

  package init(_ direction: PolicyDirection, _ rules: [PolicyRule]) {
    self.direction = direction
    self.rules = rules
  }
}
