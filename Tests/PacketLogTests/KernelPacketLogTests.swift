import Conntrack
import LinuxKernel
import NFTables
import Netlink
import NetworkTypes
import PacketLog
import SwitchboardTesting
import Testing

@Suite(.serialized) struct KernelPacketLogTests {
  private static let group: UInt16 = 77

  /// A namespace whose datagrams to port 7000 are counted, told of at most so many times, counted again and dropped.
  private func dropping(_ family: IPAddress.Family, burst: UInt32) throws -> (NetworkNamespace, NFTConnection, Table) {
    let namespace = try NetworkNamespace.create()
    try namespace.command("ip", "link", "set", "lo", "up")
    let (connection, table) = (try NFTConnection(in: namespace), Table(Table.Family(family), "t"))
    let port = Register(0)
    let isOurs: [RuleExpression] = [
      .payload(.transport, offset: 2, length: 2, into: port),
      .compare(port, .equal, RegisterWords(bytes: [0x1b, 0x58])!),
    ]
    let logging = PacketLogging(group: Self.group, prefix: "a mark", length: 64)
    try connection.commit(
      NFTTransaction(
        table,
        [
          .addTable, .addChain(Chain("out", base: .init(.filter, .output, priority: 0))),
          .addRule(chain: "out", Rule("", isOurs + [.connection(.state, nil, into: Register(0)), .counter])),
          .addRule(
            chain: "out", Rule("", isOurs + [.limit(perSecond: 1, burst: burst), .counter, .log(logging)])),
          .addRule(chain: "out", Rule("", isOurs + [.counter, .verdict(.drop)])),
        ]))
    return (namespace, connection, table)
  }

  private func send(_ count: UInt16, _ target: IPAddress, in namespace: NetworkNamespace) async throws {
    try await BlockingThread.run {
      try namespace.run {
        for port in 20_000..<20_000 + count {
          let source = SocketEndpoint(IPAddress(target.family == .v4 ? "127.0.0.1" : "::1")!, port)
          let probe = try Probe(.udp, from: source, patience: .milliseconds(1))
          #expect(probe.ask(SocketEndpoint(target, 7000)) != .refused)
        }
      }
    }
  }

  private func read(_ log: PacketLog, packets: Int) async throws -> EventBatch<LoggedPacket> {
    let running = Task { try await log.run() }
    let limit = Task {
      // For a kernel that says nothing.
      try await Task.sleep(for: .seconds(10))
      running.cancel()
    }
    var read = EventBatch<LoggedPacket>()
    while read.events.count + read.loss.total < packets, let batch = await log.next() {
      read.events += batch.events
      read.loss += batch.loss
    }
    limit.cancel()
    running.cancel()
    try await running.value
    return read
  }

  @Test(arguments: ["127.0.0.2", "::1"]) func aDroppedPacketIsToldOfWithItsEnds(_ text: String) async throws {
    let target = try #require(IPAddress(text))
    let (namespace, _, _) = try dropping(target.family, burst: 5)
    let log = try PacketLog(group: Self.group, in: namespace)
    try await send(1, target, in: namespace)
    let read = try await read(log, packets: 1)
    let packet = try #require(read.events.first)
    #expect(packet.prefix == "a mark")
    #expect(packet.headers.source == IPAddress(target.family == .v4 ? "127.0.0.1" : "::1"))
    #expect(packet.headers.destination == target)
    #expect(packet.headers.content == .ports(.udp, source: 20_000, destination: 7000))
    #expect(packet.outputInterface == 1 && packet.inputInterface == nil)
    #expect(packet.flow?.destination == (log.tellsFlows ? SocketEndpoint(target, 7000) : nil))
    #expect(packet.seenAt > 1_600_000_000_000_000_000)
    #expect(read.loss.isEmpty)
  }

  /// The limit holds copies back and no packet: all are dropped, and the counters say how many were not told of.
  @Test func whatTheLimitHoldsBackIsCountedAndDropped() async throws {
    let (namespace, connection, table) = try dropping(.v4, burst: 10)
    let log = try PacketLog(group: Self.group, in: namespace)
    try await send(60, IPAddress("127.0.0.2")!, in: namespace)
    let counters = try connection.counters(of: "out", in: table)
    try #require(counters.count == 3)
    #expect(counters[0] == 60 && counters[2] == 60)
    #expect(counters[1] >= 10 && counters[1] < 20)
    let read = try await read(log, packets: Int(counters[1]))
    #expect(read.events.count == Int(counters[1]) && read.loss.isEmpty)
  }

  @Test func whatTheSocketHasNoRoomForIsCounted() async throws {
    let (namespace, connection, table) = try dropping(.v4, burst: 500)
    var limits = PacketLog.Limits()
    limits.receiveBuffer = 8 << 10
    let log = try PacketLog(group: Self.group, in: namespace, limits: limits)
    try await send(200, IPAddress("127.0.0.2")!, in: namespace)
    let told = Int(try connection.counters(of: "out", in: table)[1])
    let read = try await read(log, packets: told)
    #expect(told == 200 && read.loss.overrun > 0 && !read.events.isEmpty)
    #expect(read.events.count + read.loss.overrun == told)
  }

  @Test func aGroupHasOneReader() throws {
    let namespace = try NetworkNamespace.create()
    let first = try PacketLog(group: Self.group, in: namespace)
    let error = #expect(throws: NetlinkError.self) { try PacketLog(group: Self.group, in: namespace) }
    #expect(error.map { PacketLog.isTaken($0) } == true)
    _ = try PacketLog(group: Self.group + 1, in: namespace)
    withExtendedLifetime(first) {}
  }
}
