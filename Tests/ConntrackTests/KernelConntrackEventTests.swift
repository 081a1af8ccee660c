import Conntrack
import LinuxKernel
import Netlink
import NetworkTypes
import SwitchboardTesting
import Testing

@Suite(.serialized) struct KernelConntrackEventTests {
  private static let target = SocketEndpoint(IPAddress("127.0.0.2")!, 7000)

  /// A namespace whose kernel tracks what is sent, counts it and tells of it.
  private func tracked() throws -> NetworkNamespace {
    let namespace = try NetworkNamespace.create()
    try namespace.command("ip", "link", "set", "lo", "up")
    try namespace.command(
      "nft", "table inet t { chain c { type filter hook output priority 0; ct state new accept; }; }")
    try namespace.run {
      _ = try Sysctl.set("net/netfilter/nf_conntrack_acct", to: "1")
      _ = try Sysctl.set("net/netfilter/nf_conntrack_events", to: "1")
    }
    return namespace
  }

  /// Sends so many datagrams that nobody takes, each from a port of its own: a flow each.
  private func send(_ count: UInt16, firstPort: UInt16 = 20_000, in namespace: NetworkNamespace) async throws {
    // Away from the pool of threads that takes what is heard.
    try await BlockingThread.run {
      try namespace.run {
        for port in firstPort..<firstPort + count {
          let probe = try Probe(.udp, from: SocketEndpoint(IPAddress("127.0.0.1")!, port))
          #expect(probe.ask(Self.target) == .refused)
        }
      }
    }
  }

  /// Listens while `work` runs and until `isEnough` of what was heard; the limit is for a kernel that says nothing.
  private func hear(
    _ events: ConntrackEvents, until isEnough: @escaping @Sendable (EventBatch<ConntrackEvent>) -> Bool,
    _ work: () async throws -> Void
  ) async throws -> EventBatch<ConntrackEvent> {
    async let heard = withThrowingTaskGroup(of: EventBatch<ConntrackEvent>?.self) { group in
      group.addTask {
        try await events.run()
        return nil
      }
      group.addTask {
        var heard = EventBatch<ConntrackEvent>()
        while !isEnough(heard), let batch = await events.next() {
          heard.events += batch.events
          heard.loss += batch.loss
        }
        return heard
      }
      group.addTask {
        try await Task.sleep(for: .seconds(20))
        return EventBatch()
      }
      let first = try await group.next()
      group.cancelAll()
      return (first ?? nil) ?? EventBatch()
    }
    try await work()
    return try await heard
  }

  @Test(arguments: [TransportProtocol.tcp, .udp]) func aFlowIsToldFromItsBeginningToItsEnd(
    _ transport: TransportProtocol
  ) async throws {
    let namespace = try tracked()
    let server = try EchoServer([Self.target], in: namespace)
    defer { server.stop() }
    let events = try ConntrackEvents(in: namespace)
    let heard = try await hear(events, until: { $0.events.contains { $0.kind == .destroyed } }) {
      let answer = try await BlockingThread.run { try namespace.run { Probe.ask(transport, Self.target) } }
      #expect(answer.endpoint == Self.target, "\(answer)")
      let table = try ConntrackConnection(in: namespace)
      let entries = try table.entries(transport, .v4)
      #expect(entries.count == 1 && entries.allSatisfy { $0.isAnswered && ($0.answered?.packets ?? 0) > 0 })
      try table.delete(entries.map(\.flow))
    }
    #expect(heard.loss.isEmpty)
    #expect(heard.events.first?.kind == .new)
    #expect(heard.events.last?.kind == .destroyed)
    #expect(heard.events.count == 2)
    #expect(Set(heard.events.map(\.entry.id)).count == 1)
    #expect(Set(heard.events.map(\.entry.flow)).count == 1)
    #expect(heard.events.map(\.seenAt) == heard.events.map(\.seenAt).sorted())
    let (first, last) = (try #require(heard.events.first?.entry), try #require(heard.events.last?.entry))
    #expect(first.flow.transport == transport && first.flow.destination == Self.target)
    #expect(first.flow.answerSource == Self.target && first.flow.answerDestination == first.flow.source)
    #expect(!first.isAnswered && last.isAnswered)
    #expect((last.sent?.packets ?? 0) > 0 && (last.answered?.bytes ?? 0) > 28)
    #expect(first.tcpState == (transport == .tcp ? .synSent : nil))
    #expect((last.tcpState != nil) == (transport == .tcp))
  }

  @Test func aTranslatedFlowNamesBothDestinations() async throws {
    let namespace = try tracked()
    try namespace.command(
      "nft",
      "table ip n { chain c { type nat hook output priority -100; ip daddr 127.0.0.9 udp dport 53 dnat to 127.0.0.2:7000; }; }"
    )
    let events = try ConntrackEvents(in: namespace)
    let heard = try await hear(events, until: { !$0.events.isEmpty }) {
      _ = try await BlockingThread.run {
        try namespace.run { Probe.ask(.udp, SocketEndpoint(IPAddress("127.0.0.9")!, 53)) }
      }
    }
    let flow = try #require(heard.events.first?.entry.flow)
    #expect(flow.destination == SocketEndpoint(IPAddress("127.0.0.9")!, 53))
    #expect(flow.answerSource == Self.target)
  }

  /// What the socket has no room for is counted to the last one, and ends nothing.
  @Test func whatDoesNotFitIsCounted() async throws {
    let namespace = try tracked()
    var limits = ConntrackEvents.Limits()
    limits.receiveBuffer = 16 << 10
    let events = try ConntrackEvents(in: namespace, limits: limits)
    let flows = 300
    try await send(UInt16(flows), in: namespace)
    let heard = try await hear(events, until: { $0.events.count { $0.kind == .new } + $0.loss.overrun > flows }) {
      // Until it has been heard that something is missing nothing new is told.
      try await Task.sleep(for: .milliseconds(200))
      try await send(1, firstPort: 30_000, in: namespace)
    }
    #expect(heard.loss.overrun > 0 && !heard.events.isEmpty)
    #expect(heard.events.count { $0.kind == .new } + heard.loss.overrun == flows + 1)
    #expect(heard.loss.displaced == 0 && heard.loss.unreadable == 0)
  }

  @Test func aSlowTakerLosesTheOldest() async throws {
    let namespace = try tracked()
    var limits = ConntrackEvents.Limits()
    limits.waiting = 10
    let events = try ConntrackEvents(in: namespace, limits: limits)
    let running = Task { try await events.run() }
    try await send(50, in: namespace)
    // The reader is to be ahead: that is a matter of time alone.
    try await Task.sleep(for: .milliseconds(300))
    let batch = try #require(await events.next())
    #expect(batch.events.count == 10 && batch.loss.displaced == 40)
    running.cancel()
    try await running.value
    #expect(await events.next() == nil)
  }
}
