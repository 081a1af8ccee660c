/// How the node's packets get to another node's address, as its kernel has it.
package struct NodePath: Hashable, Sendable {
  /// Whether both are on one link, so that the other can be a gateway. If not, pods' packets need a tunnel.
  package var isDirect: Bool
  /// Bytes of the largest packet the way takes, where a route says less than its interface; `nil`: as the interface.
  package var mtu: UInt32?

  package init(isDirect: Bool, mtu: UInt32? = nil) {
    self.isDirect = isDirect
    self.mtu = mtu
  }
}
