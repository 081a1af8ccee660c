package import NetworkTypes

/// A block of clients that may use the load balancer's addresses of a Service.
package struct SourceRange: Hashable, Sendable, Comparable {
  /// Names the Service's ranges; its guarded addresses carry it.
  package let group: UInt32
  package let block: CIDR

  package init(group: UInt32, block: CIDR) {
    self.group = group
    self.block = block
  }

  package static func < (left: Self, right: Self) -> Bool { (left.group, left.block) < (right.group, right.block) }

  /// The blocks without those that lie in others: the kernel takes no overlapping ones.
  static func disjoint(_ blocks: Set<CIDR>) -> Set<CIDR> {
    // Wider blocks come first among those of one base, so whatever contains a block comes before it.
    var result: [CIDR] = []
    for block in blocks.sorted() where result.last?.contains(block) != true { result.append(block) }
    return Set(result)
  }
}
