import APIClient
import APITesting
import ClusterModel
import Conntrack
import JSONTree
import KubernetesAPI
import LinuxKernel
import Logging
import NetworkTypes
import PolicyPlan
import SwitchboardTesting
import Synchronization
import Testing

@testable import PolicyEnforcer

/// Policies that are tried out, with flows of a real kernel.
@Suite struct KernelPolicyAuditorTests {
  private struct Refusal: Error, CustomStringConvertible {
    var description: String { "no socket today" }
  }

  /// A namespace with both pods' addresses, whose rule makes the kernel track flows.
  private static func place() throws -> NetworkNamespace {
    let namespace = try NetworkNamespace.create()
    try namespace.command("ip", "link", "set", "lo", "up")
    for address in [PolicyObjects.client, PolicyObjects.web] {
      try namespace.command("ip", "address", "add", "\(address)/32", "dev", "lo")
    }
    try namespace.command(
      "nft", "table ip n { chain c { type filter hook output priority 0; ct state new counter; }; }")
    return namespace
  }

  private static func ask(_ namespace: NetworkNamespace, from port: UInt16) async throws {
    try await BlockingThread.run {
      try namespace.run {
        let probe = try Probe(.udp, from: SocketEndpoint(PolicyObjects.client, port), patience: .milliseconds(1))
        _ = probe.ask(SocketEndpoint(PolicyObjects.web, 8080))
      }
    }
  }

  private static func tried(_ name: String) throws -> ClusterEvent {
    var policy = PolicyObjects.policy(
      name, ["podSelector": ["matchLabels": ["app": "client"]], "policyTypes": ["Egress"]])
    policy["metadata"]?["annotations"] = ["switchboard.dev/audit": "true"]
    return try PolicyObjects.event(.networkPolicies, policy)
  }

  private func until(_ what: String, _ isSo: () throws -> Bool) async throws {
    // What is waited for happens on other threads, in the order of milliseconds, and tells nobody.
    for _ in 0..<1000 {
      if try isSo() { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("\(what): not within 10 s")
  }

  /// Nothing is heard at first. What is still there then is judged, what has gone meanwhile is not, and that is said.
  @Test func aTimeWithoutHearingIsSaid() async throws {
    let place = try Self.place()
    var configuration = PolicyEnforcer.Configuration(nodeName: "node-1")
    configuration.namespace = place
    configuration.checkInterval = .milliseconds(20)
    let feed = ClusterFeed()
    feed.apply(PolicyObjects.cluster)
    feed.markSynced()
    let logger = Logger(label: "audit")
    let isDeaf = Mutex(true)
    let auditor = try PolicyAuditor(
      configuration, feed: feed,
      events: EventRecorder(client: APIClient(transport: FakeAPI()), component: "audit", logger: logger), logger: logger
    ) {
      if isDeaf.withLock({ $0 }) { throw Refusal() }
      return try ConntrackEvents(in: place)
    }
    let running = Task { try await auditor.run() }
    defer { running.cancel() }
    let begin = Timestamp.now
    feed.apply([try Self.tried("out")])
    try await until("it says that it hears nothing") { auditor.report.loss.deafness != nil }
    let deafness = try #require(auditor.report.loss.deafness)
    #expect(deafness.until == nil && deafness.reason == "no socket today" && deafness.since >= begin)
    #expect(auditor.report.loss.events == 0)
    try await Self.ask(place, from: 20_000)
    // It tries again every 20 ms, in vain: several times are to go by.
    try await Task.sleep(for: .milliseconds(100))
    #expect(auditor.report.loss.deafness?.times == 1 && auditor.report.book.findings.isEmpty)
    isDeaf.withLock { $0 = false }
    try await until("it judges what is there") { auditor.report.book.findings.first?.value.count == 1 }
    let after = try #require(auditor.report.loss.deafness)
    #expect(after.times == 1 && after.since == deafness.since && after.until.map { $0 > after.since } == true)
    try await Self.ask(place, from: 20_001)
    try await until("it hears") { auditor.report.book.findings.first?.value.count == 2 }
    #expect(auditor.report.book.findings.keys.first?.policies == [ObjectName(namespace: "shop", name: "out")])
    feed.apply([.policyRemoved(ObjectName(namespace: "shop", name: "out"))])
    try await until("nothing is tried out any more") { auditor.report.audited.isEmpty }
    #expect(auditor.report.book.findings.isEmpty && auditor.report.loss.deafness == after)
  }

  /// Nobody wants to hear of connections where nothing is tried out.
  @Test func whatIsNotAskedForIsNotMissing() async throws {
    var configuration = PolicyEnforcer.Configuration(nodeName: "node-1")
    configuration.namespace = try Self.place()
    configuration.checkInterval = .seconds(60)
    let feed = ClusterFeed()
    feed.apply(PolicyObjects.cluster)
    feed.markSynced()
    let logger = Logger(label: "audit")
    let auditor = try PolicyAuditor(
      configuration, feed: feed,
      events: EventRecorder(client: APIClient(transport: FakeAPI()), component: "audit", logger: logger), logger: logger
    ) { throw Refusal() }
    let running = Task { try await auditor.run() }
    defer { running.cancel() }
    feed.apply([try Self.tried("out")])
    try await until("it says that it hears nothing") { auditor.report.loss.deafness != nil }
    feed.apply([.policyRemoved(ObjectName(namespace: "shop", name: "out"))])
    try await until("that is over") { auditor.report.loss.deafness?.until != nil }
  }
}
