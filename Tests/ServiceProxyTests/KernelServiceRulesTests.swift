import LinuxKernel
import NFTables
import NetworkTypes
import ServicePlan
import Testing

@testable import ServiceProxy

@Suite struct KernelServiceRulesTests {
  @Test(arguments: [IPAddress.Family.v4, .v6])
  func kernelTakesTheSkeleton(family: IPAddress.Family) throws {
    let namespace = try NetworkNamespace.create()
    let connection = try NFTConnection(in: namespace)
    let rules = ServiceRules(family: family)
    var operations = rules.rebuild
    for clients in Clients.allCases {
      for seconds in [0, 10_800] {
        operations += rules.addClass(
          BackendClass(endpointCount: 3, affinitySeconds: seconds), among: clients, includingTimeout: true)
      }
    }
    operations += rules.nodeSteps(
      NodeFacts(
        podBlocks: [CIDR("10.244.1.0/24")!, CIDR("fd00:244:1::/64")!].filter { $0.family == family },
        addresses: [IPAddress("172.30.0.11")!, IPAddress("fd00:30::11")!].filter { $0.family == family },
        serviceBlocks: [CIDR("10.96.0.0/12")!, CIDR("fd00:96::/108")!].filter { $0.family == family }))
    let clock = ContinuousClock()
    let elapsed = try clock.measure { try connection.commit(NFTTransaction(rules.table, operations)) }
    print("skeleton \(family): \(elapsed)")
    #expect(try connection.chains(of: rules.table).contains(rules.fingerprint))
    // Again over what is there: an upgrade.
    try connection.commit(NFTTransaction(rules.table, operations))
  }
}
