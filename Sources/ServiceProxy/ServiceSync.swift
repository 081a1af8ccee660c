/// What one round of programming did: for logs, metrics and whoever waits for Services to be in force.
package struct ServiceSync: Sendable, Hashable {
  /// The first round after a start: from here on the kernel agrees with the cluster.
  package let isFirst: Bool
  /// The kernel's table was there and was corrected, not made.
  package let wasAdopted: Bool
  /// Services that changed or whose endpoints did.
  package let changedServices: Int
  /// Element operations sent to the kernel.
  package let elements: Int
  /// Service ports in force.
  package let ports: Int
  package let planning: Duration
  package let programming: Duration
}
