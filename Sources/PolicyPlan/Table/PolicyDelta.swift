package import ClusterModel
package import NetworkTypes

/// The operations that lead from what the kernel holds to what it shall hold. All of them take effect together.
package struct PolicyDelta: Sendable {
  /// Isolated addresses, each with the profile that judges its flows.
  package var subjects = MapChange<PolicySubject, UInt32>()
  /// Addresses of this node's pods.
  package var podAddresses = SetChange<IPAddress>()
  package var members = SetChange<GroupAddress>()
  package var blocks = SetChange<GroupBlock>()
  package var ports = SetChange<GroupPorts>()
  package var sockets = SetChange<GroupSocket>()
  /// Profiles that are new or differ, by number; `nil` for those that nobody has any more.
  package var profiles: [UInt32: PolicyProfile?] = [:]

  package init() {}

  package var elementCount: Int {
    subjects.count + podAddresses.count + members.count + blocks.count + ports.count + sockets.count
  }

  package var isEmpty: Bool { elementCount == 0 && profiles.isEmpty }
}
