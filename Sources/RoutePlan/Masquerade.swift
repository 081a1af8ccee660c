package import NetworkTypes

/// Which packets get the node's address on their way out: those of the node's own pods that leave the cluster.
package struct Masquerade: Hashable, Sendable {
  /// Blocks of the node's own pods.
  package var sources: Set<CIDR> = []
  /// Pod blocks, of the whole cluster and of each node: reached with the pod's own address.
  package var podBlocks: Set<CIDR> = []
  /// Addresses of the nodes on a link of this one, reached with the pod's own address as well. What lies between this
  /// node and others may not carry packets with a pod's address.
  package var nodes: Set<IPAddress> = []

  package init() {}

  /// Whether a packet is masqueraded.
  package func applies(source: IPAddress, destination: IPAddress) -> Bool {
    sources.contains { $0.contains(source) } && !nodes.contains(destination)
      && !podBlocks.contains { $0.contains(destination) }
  }
}
