import ClusterModel
import JSONTree
import KubernetesAPI
import LinuxKernel
import Logging
import NFTables
import NetworkTypes
import PolicyPlan
import SwitchboardTesting
import Testing

@testable import PolicyEnforcer

/// What is denied is told of, and denied all the same.
@Suite struct DeniedPacketsTests {
  private typealias Lab = PolicyObjects

  private static func packet(_ source: IPAddress, _ destination: IPAddress) -> TracedPacket {
    TracedPacket(.tcp, from: SocketEndpoint(source, 40_000), to: SocketEndpoint(destination, 8080))
  }

  @Test func deniedPacketsAreToldOfByDirection() throws {
    var node = TracedNode("node-1", logGroup: 5)
    try node.apply(
      Lab.cluster + [
        try Lab.event(
          .networkPolicies,
          Lab.policy(
            "web",
            [
              "podSelector": ["matchLabels": ["app": "web"]], "policyTypes": ["Ingress", "Egress"],
              "ingress": [["from": [["podSelector": ["matchLabels": ["app": "client"]]]]]],
            ]))
      ])
    var tracer = PacketTracer(node.ruleset)
    let denied = tracer.trace(Self.packet(Lab.stranger, Lab.web), at: .forward)
    #expect(denied.outcome == .dropped && denied.logged == ["switchboard denied ingress"])
    let out = tracer.trace(Self.packet(Lab.web, Lab.db), at: .forward)
    #expect(out.outcome == .dropped && out.logged == ["switchboard denied egress"])
    let allowed = tracer.trace(Self.packet(Lab.client, Lab.web), at: .forward)
    #expect(allowed.outcome == .passed && allowed.logged.isEmpty)
    #expect(PolicyDirection(denialMark: "switchboard denied ingress") == .ingress)
    #expect(PolicyDirection(denialMark: "another") == nil)
  }

  @Test func withoutALogTheRulesAreThoseOfBefore() throws {
    var node = TracedNode("node-1")
    try node.apply(Lab.cluster + [try Lab.event(.networkPolicies, Lab.policy("deny", [:]))])
    #expect(node.ruleset.chains.keys.allSatisfy { !$0.hasPrefix("denied") })
    var tracer = PacketTracer(node.ruleset)
    let denied = tracer.trace(Self.packet(Lab.client, Lab.web), at: .forward)
    #expect(denied.outcome == .dropped && denied.logged.isEmpty)
  }
}

@Suite struct KernelDeniedPacketsTests {
  @Test func theKernelCountsWhatItDeniesAndWhatItTells() async throws {
    let namespace = try NetworkNamespace.create()
    try namespace.command("ip", "link", "set", "lo", "up")
    let connection = try NFTConnection(in: namespace)
    let rules = PolicyRules(family: .v4, logGroup: 5)
    try connection.commit(NFTTransaction(rules.table, rules.rebuild))
    // All that leaves is denied here, so that no packet has to be led through another network.
    try connection.commit(
      NFTTransaction(
        rules.table,
        [.addChain(Chain("out", base: .init(.filter, .output, priority: 0)))]
          + rules.denial(.egress).map { .addRule(chain: "out", $0) }))
    try await BlockingThread.run {
      try namespace.run {
        for _ in 0..<250 {
          _ = Probe.ask(.udp, SocketEndpoint(IPAddress("127.0.0.1")!, 9), patience: .milliseconds(1))
        }
      }
    }
    let packets = try rules.deniedPackets(connection)
    #expect(packets.denied == 250)
    #expect(packets.told >= 200 && packets.told < 250)
  }
}
