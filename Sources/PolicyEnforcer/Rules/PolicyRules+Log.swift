package import NFTables
internal import PolicyPlan

/// Telling of denied packets. Chains that all profiles share hand copies to the log, so many a second; they decide nothing:
/// whatever becomes of the copy, the profile's own last rule drops the packet.
extension PolicyRules {
  /// How many packets of a direction and family are told of each second, and how many more at once.
  package static let logRate: UInt64 = 100
  static let logBurst: UInt32 = 200
  /// Headers of network and transport, with what may lie between.
  static let loggedBytes: UInt32 = 128

  var deniedChains: [String] { logGroup == nil ? [] : PolicyDirection.allCases.map(Name.denied) }

  /// The rules of the shared chains. Their counters say how many packets were denied, and how many of them were told.
  var telling: [NFTOperation] {
    guard let logGroup else { return [] }
    return PolicyDirection.allCases.flatMap { direction -> [NFTOperation] in
      let logging = PacketLogging(group: logGroup, prefix: direction.denialMark, length: Self.loggedBytes)
      return [
        Rule("denied", [.counter]),
        Rule("told", [.limit(perSecond: Self.logRate, burst: Self.logBurst), .counter, .log(logging)]),
      ].map { .addRule(chain: Name.denied(direction), $0) }
    }
  }

  /// The end of a profile's chain.
  func denial(_ direction: PolicyDirection) -> [Rule] {
    let told = logGroup == nil ? [] : [Rule("tell of it", [.verdict(.jump(Name.denied(direction)))])]
    return told + [Rule("no rule allows it", [.counter, .verdict(.drop)])]
  }

  /// How many packets the kernel has denied since the table was made, and how many it told of; both 0 where it does not
  /// tell.
  func deniedPackets(_ connection: NFTConnection) throws(NFTablesError) -> DeniedPackets {
    var sum = DeniedPackets()
    for chain in deniedChains {
      let counters = try connection.counters(of: chain, in: table)
      guard counters.count == 2 else { continue }
      sum.denied += counters[0]
      sum.told += counters[1]
    }
    return sum
  }
}

/// Packets that no rule of a policy allowed, and those of them of which a copy went to the log.
package struct DeniedPackets: Hashable, Sendable {
  package var denied: UInt64 = 0
  package var told: UInt64 = 0

  package init() {}
}
