import ClusterModel
import JSONTree
import KubernetesAPI
import LinuxKernel
import Logging
import NFTables
import NetworkTypes
import SwitchboardTesting
import Testing

@testable import PolicyEnforcer

@Suite struct KernelPolicyTableTests {
  /// 0 where the table is not there.
  private static func count(_ connection: NFTConnection, _ table: Table) throws(NFTablesError) -> Int {
    guard try connection.holds(table) else { return 0 }
    let result = Result { () throws(NFTablesError) in try connection.elements(of: "receivers", in: table).count }
    // While the kernel puts a transaction in force, a reader may still find the table that it takes away first.
    if case .failure(let error) = result, error.isConflict { return 0 }
    return try result.get()
  }

  /// What a restarted firewall does to everybody's rules.
  @Test func aTableThatIsTakenAwayComesBack() async throws {
    let namespace = try NetworkNamespace.create()
    let feed = ClusterFeed()
    feed.apply(PolicyObjects.cluster + [try PolicyObjects.event(.networkPolicies, PolicyObjects.policy("deny", [:]))])
    feed.markSynced()
    var configuration = PolicyEnforcer.Configuration(nodeName: "node-1")
    configuration.families = [.v4]
    configuration.namespace = namespace
    configuration.checkInterval = .milliseconds(50)
    let enforcer = PolicyEnforcer(configuration, feed: feed, logger: Logger(label: "policies"))
    let running = Task { try await enforcer.run() }
    let (connection, table) = (try NFTConnection(in: namespace), PolicyRules(family: .v4).table)
    func receivers() async throws -> Int {
      var count = 0
      // Nothing tells when the kernel has them.
      for _ in 0..<250 where count == 0 {
        count = try Self.count(connection, table)
        if count == 0 { try await Task.sleep(for: .milliseconds(20)) }
      }
      return count
    }
    #expect(try await receivers() == 3, "the shop's pods")
    // Long enough for it to have been seen.
    try await Task.sleep(for: .milliseconds(200))
    try connection.commit(NFTTransaction(table, [.deleteTable]))
    #expect(try await receivers() == 3)
    running.cancel()
    _ = await running.result
  }
}
