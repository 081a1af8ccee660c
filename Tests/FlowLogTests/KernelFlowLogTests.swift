import ClusterModel
import Conntrack
import JSONTree
import KubernetesAPI
import LinuxKernel
import Logging
import NFTables
import NetworkTypes
import PacketLog
import SwitchboardTesting
import Synchronization
import Testing

@testable import FlowLog

@Suite(.serialized) struct KernelFlowLogTests {
  private static let group: UInt16 = 79

  /// A namespace that has the pods' addresses, translates the Service's, and drops what goes to port 9 as a policy of the
  /// receiver's would, telling of so many packets.
  private struct Place {
    let namespace: NetworkNamespace
    let connection: NFTConnection
    let table = Table(.ipv4, "t")

    init(burst: UInt32 = 100) throws {
      namespace = try NetworkNamespace.create()
      try namespace.command("ip", "link", "set", "lo", "up")
      for address in [FlowScene.client, FlowScene.web] {
        try namespace.command("ip", "address", "add", "\(address)/32", "dev", "lo")
      }
      try namespace.command("ip", "route", "add", "10.96.0.0/16", "dev", "lo")
      try namespace.run { _ = try Sysctl.set("net/netfilter/nf_conntrack_acct", to: "1") }
      try namespace.command(
        "nft",
        "table ip n { chain c { type nat hook output priority -100; ip daddr 10.96.0.7 tcp dport 80 dnat to 10.244.1.3:8080; }; }"
      )
      connection = try NFTConnection(in: namespace)
      let port: [RuleExpression] = [
        .payload(.transport, offset: 2, length: 2, into: Register(0)),
        .compare(Register(0), .equal, RegisterWords(bytes: [0, 9])!),
      ]
      let logging = PacketLogging(group: KernelFlowLogTests.group, prefix: "switchboard denied ingress", length: 128)
      try connection.commit(
        NFTTransaction(
          table,
          [
            .addTable, .addChain(Chain("out", base: .init(.filter, .output, priority: 0))),
            .addRule(chain: "out", Rule("", port + [.counter])),
            .addRule(chain: "out", Rule("", port + [.limit(perSecond: 1, burst: burst), .counter, .log(logging)])),
            .addRule(chain: "out", Rule("", port + [.verdict(.drop)])),
          ]))
    }

    func ask(_ transport: TransportProtocol, _ target: SocketEndpoint, times: UInt16 = 1) async throws {
      try await BlockingThread.run { [namespace] in
        try namespace.run {
          for port in 20_000..<20_000 + times {
            let patience = Duration.milliseconds(target.port == 9 ? 1 : 3000)
            let probe = try Probe(transport, from: SocketEndpoint(FlowScene.client, port), patience: patience)
            _ = probe.ask(target)
          }
        }
      }
    }

    var denied: (denied: UInt64, told: UInt64) {
      get throws {
        let counters = try connection.counters(of: "out", in: table)
        return (counters[0], counters[1])
      }
    }
  }

  /// Lines of an answer, as they come.
  private final class Lines: Sendable {
    private let trees = Mutex<[JSON]>([])

    var all: [JSON] { trees.withLock { $0 } }

    func take(_ bytes: [UInt8]) throws {
      let more = try bytes.split(separator: 10).map { try JSON.parse(Array($0)) }
      trees.withLock { $0 += more }
    }

    func flow(_ isWanted: (FlowRecord) -> Bool) -> FlowRecord? {
      all.compactMap { FlowRecord($0) }.first(where: isWanted)
    }
  }

  /// Runs the log of a place, once it listens, while `body` does.
  private func withLog(_ place: Place, _ feed: ClusterFeed, _ body: (FlowLog) async throws -> Void) async throws {
    var configuration = FlowLog.Configuration(nodeName: "node-1", logGroup: Self.group)
    configuration.namespace = place.namespace
    configuration.lossInterval = .milliseconds(50)
    configuration.heartbeat = .milliseconds(200)
    let log = FlowLog(configuration, feed: feed, deniedPackets: { try place.denied }, logger: Logger(label: "flows"))
    let running = Task { try await log.run() }
    try await until("it listens") { log.state.withLock { $0.reasons.isEmpty } }
    do {
      try await body(log)
    } catch {
      running.cancel()
      throw error
    }
    running.cancel()
    _ = await running.result
  }

  private func until(_ what: String, _ isSo: () async throws -> Bool) async throws {
    // What is waited for happens on other threads, in the order of milliseconds.
    for _ in 0..<500 {
      if try await isSo() { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("\(what): not within 5 s")
  }

  private func answer(_ log: FlowLog, _ query: [String: String] = [:]) async throws -> Lines {
    let lines = Lines()
    try await log.answer(query)({ try lines.take($0) })
    return lines
  }

  @Test func aServiceCallIsShownWithItsNamesWhatItCarriedAndItsEnd() async throws {
    let place = try Place()
    let server = try EchoServer([SocketEndpoint(FlowScene.web, 8080)], in: place.namespace)
    defer { server.stop() }
    try await withLog(place, FlowScene.feed()) { log in
      try await place.ask(.tcp, FlowScene.service)
      var found: FlowRecord?
      try await until("the call is shown") {
        found = try await answer(log, ["to": "svc/web.shop"]).flow { $0.isAnswered }
        return found != nil
      }
      let record = try #require(found)
      #expect(record.source.pod?.description == "shop/client" && record.target.pod?.description == "shop/web")
      #expect(record.service?.name.description == "shop/web" && record.requested == FlowScene.service)
      #expect(record.egress?.isAllowed == true && record.ingress?.isAllowed == true)
      #expect((record.sent?.bytes ?? 0) > 0 && (record.answered?.bytes ?? 0) > 0 && record.tcpState != nil)
      let table = try ConntrackConnection(in: place.namespace)
      try table.delete(try table.flows(.tcp, .v4))
      try await until("its end is shown") {
        try await answer(log).flow { $0.status == .ended && $0.service != nil }?.tcpState != nil
      }
      let other = try await answer(log, ["from": "pod/other.shop"])
      #expect(other.all.map(\.kind) == ["loss"])
      #expect(other.all.first.flatMap(FlowLoss.init)?.isEmpty == true)
    }
  }

  @Test func dropsAreShownAndWhatTheLimitHeldBackIsCounted() async throws {
    let place = try Place(burst: 5)
    let deny = FlowScene.policy("deny", ["podSelector": [:], "policyTypes": ["Ingress"]])
    try await withLog(place, FlowScene.feed(deny)) { log in
      try await place.ask(.udp, SocketEndpoint(FlowScene.web, 9), times: 40)
      let counts = try place.denied
      #expect(counts.denied == 40 && counts.told >= 5 && counts.told < 40)
      var lines = Lines()
      try await until("what was told is shown") {
        lines = try await answer(log, ["dropped": "true"])
        return lines.all.count { $0["status"]?.string == "dropped" } == Int(counts.told)
      }
      let record = try #require(lines.flow { _ in true })
      #expect(record.target.pod?.name == "web" && record.ingress?.object == "NetworkPolicy shop/deny")
      let loss = try #require(lines.all.last.flatMap(FlowLoss.init))
      #expect(loss.packetsOverLimit == 40 - Int(counts.told) && loss.packets == 0)
    }
  }

  @Test func whoFollowsSeesWhatHappensAfterwardsAndLosses() async throws {
    let place = try Place(burst: 5)
    try await withLog(place, FlowScene.feed()) { log in
      try await place.ask(.udp, SocketEndpoint(FlowScene.web, 53))
      try await until("it is in the book") { try await answer(log).flow { $0.target.port == 53 } != nil }
      let lines = Lines()
      let following = Task { try await log.answer(["follow": "true"])({ try lines.take($0) }) }
      try await until("it has begun") { !lines.all.isEmpty }
      try await place.ask(.udp, SocketEndpoint(FlowScene.web, 54))
      // Though nothing happens.
      try await until("it gives signs of life") { lines.all.count { $0.kind == "loss" } >= 3 }
      try await until("the flow is told") { lines.flow { $0.target.port == 54 } != nil }
      #expect(lines.flow { $0.target.port == 53 } == nil, "that was before")
      try await place.ask(.udp, SocketEndpoint(FlowScene.web, 9), times: 20)
      try await until("drops and losses are told") {
        lines.flow { $0.status == .dropped } != nil
          && lines.all.contains { FlowLoss($0).map { $0.packetsOverLimit >= 10 } ?? false }
      }
      following.cancel()
      _ = await following.result
      #expect(log.state.withLock { $0.followers.isEmpty })
    }
  }

  @Test func aLogThatIsTakenIsSaidAndTheRestGoesOn() async throws {
    let place = try Place()
    let other = try PacketLog(group: Self.group, in: place.namespace)
    var configuration = FlowLog.Configuration(nodeName: "node-1", logGroup: Self.group)
    configuration.namespace = place.namespace
    configuration.checkInterval = .milliseconds(50)
    let log = FlowLog(configuration, feed: FlowScene.feed(), deniedPackets: { (0, 0) }, logger: Logger(label: "flows"))
    let running = Task { try await log.run() }
    try await until("it is said") { log.loss.reasons.contains { $0.contains("another program reads NFLOG group 79") } }
    try await until("it listens") { log.state.withLock { $0.reasons[.connections] == nil } }
    try await place.ask(.udp, SocketEndpoint(FlowScene.web, 53))
    try await until("connections are shown") { try await answer(log).flow { $0.target.port == 53 } != nil }
    withExtendedLifetime(other) {}
    running.cancel()
    _ = await running.result
  }
}
