internal import Conntrack
internal import NetworkTypes
internal import ServicePlan

/// Who may answer UDP flows to which address, as the rules in force have it.
struct FlowBook: Sendable {
  private(set) var policies: [ServiceAddress: FlowPolicy] = [:]
  /// Addresses no Service has any more, with the number of checks that still look at them.
  private var retired: [ServiceAddress: Int] = [:]

  /// A flow may slip in while its address is being retired: two checks will find it.
  private static let checksOfRetired = 2

  /// Everything anew for one family, as a plan that has just started knows it.
  mutating func replace(_ family: IPAddress.Family, with wanted: [ServiceAddress: FlowPolicy]) {
    for address in policies.keys where address.address.family == family && wanted[address] == nil { retire(address) }
    for (address, policy) in wanted { put(address, policy) }
  }

  /// `nil` where no Service has the address any more.
  mutating func update(_ changes: [ServiceAddress: FlowPolicy?]) {
    for (address, policy) in changes {
      if let policy { put(address, policy) } else { retire(address) }
    }
  }

  private mutating func put(_ address: ServiceAddress, _ policy: FlowPolicy) {
    policies[address] = policy
    retired[address] = nil
  }

  private mutating func retire(_ address: ServiceAddress) {
    policies[address] = nil
    retired[address] = Self.checksOfRetired
  }

  /// Ends a check of everything: addresses that were retired long enough are forgotten.
  mutating func countCheck() { retired = retired.compactMapValues { $0 > 1 ? $0 - 1 : nil } }

  var families: Set<IPAddress.Family> {
    Set(policies.keys.map(\.address.family)).union(retired.keys.map(\.address.family))
  }

  /// Whether the flow is answered by something that is no endpoint of the Service it was opened towards.
  func isStale(_ flow: ConntrackFlow) -> Bool {
    let address = ServiceAddress(flow.destination.address, flow.transport, flow.destination.port)
    if let policy = policies[address] {
      return !policy.allows(client: flow.source.address, answerSource: flow.answerSource)
    }
    // What was never translated is none of ours.
    return retired[address] != nil && flow.answerSource != flow.destination
  }
}
