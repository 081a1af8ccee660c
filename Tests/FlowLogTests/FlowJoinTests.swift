import Conntrack
import JSONTree
import KubernetesAPI
import NetworkTypes
import Testing

@testable import FlowLog

@Suite struct FlowJoinTests {
  private static let client = FlowEnd(
    IPAddress(v4: 10, 244, 1, 2), 40_000, pod: ObjectName(namespace: "shop", name: "client"), node: "node-1")
  private static let web = FlowEnd(
    IPAddress(v4: 10, 244, 2, 3), 8080, pod: ObjectName(namespace: "shop", name: "web"), node: "node-2")
  private static let service = FlowService(ObjectName(namespace: "shop", name: "web"), port: 80)

  private static func record(
    _ node: String, _ status: FlowRecord.Status = .live, from source: FlowEnd = client, to target: FlowEnd = web,
    since second: Int64 = 100
  ) -> FlowRecord {
    var record = FlowRecord(
      node: node, status: status, transport: "TCP", from: source, to: target, until: Timestamp(seconds: second))
    record.since = Timestamp(seconds: second)
    return record
  }

  /// As the sender's node sees a call of a Service.
  private static var departure: FlowRecord {
    var record = record("node-1")
    record.requested = SocketEndpoint(IPAddress(v4: 10, 96, 0, 7), 80)
    record.service = service
    record.egress = FlowJudgement(isAllowed: true, text: "out")
    record.sent = .init(packets: 2, bytes: 100)
    return record
  }

  private static var arrival: FlowRecord {
    var record = record("node-2")
    record.ingress = FlowJudgement(isAllowed: true, text: "in")
    return record
  }

  @Test(arguments: [false, true]) func aServiceCallIsOneLineWithBothVerdicts(_ isReversed: Bool) {
    let halves = [Self.departure, Self.arrival]
    let joined = FlowJoin.join(isReversed ? halves.reversed() : halves)
    #expect(joined.count == 1)
    #expect(joined.first?.nodes == ["node-1", "node-2"])
    #expect(joined.first?.service == Self.service && joined.first?.target == Self.web)
    #expect(joined.first?.egress?.text == "out" && joined.first?.ingress?.text == "in")
    #expect(joined.first?.sent?.bytes == 100)
    #expect(FlowJoin.pair(halves[0], halves[1]) == joined.first && FlowJoin.pair(halves[1], halves[0]) == joined.first)
  }

  @Test(arguments: [false, true]) func anUntranslatedFlowIsJoinedFromItsSender(_ isReversed: Bool) {
    let halves = [Self.record("node-1"), Self.record("node-2")]
    let joined = FlowJoin.join(isReversed ? halves.reversed() : halves)
    #expect(joined.map(\.nodes) == [["node-1", "node-2"]])
  }

  /// What the sender's node let go and the receiver's dropped.
  @Test func aDropTakesTheSendersNamesAlong() {
    var drop = Self.record("node-2", .dropped, since: 101)
    drop.ingress = FlowJudgement(isAllowed: false, text: "no")
    drop.droppedPackets = 3
    drop.possibleServices = [Self.service, FlowService(ObjectName(namespace: "shop", name: "other"), port: 80)]
    let joined = FlowJoin.join([Self.departure, drop])
    #expect(joined.map(\.status) == [.dropped])
    #expect(joined.first?.service == Self.service && joined.first?.droppedPackets == 3)
    #expect(joined.first?.possibleServices.isEmpty == true, "it is known")
    #expect(joined.first?.egress?.isAllowed == true && joined.first?.ingress?.isAllowed == false)
    #expect(FlowJoin.pair(drop, Self.departure)?.status == .dropped)
  }

  @Test func aMaskedSourceIsFoundAgain() {
    let outside = FlowEnd(IPAddress(v4: 192, 0, 2, 7), 5000)
    var entry = Self.record("node-1", from: outside)
    entry.requested = SocketEndpoint(IPAddress(v4: 172, 30, 0, 11), 30_080)
    entry.maskedSource = SocketEndpoint(IPAddress(v4: 172, 30, 0, 11), 61_000)
    let arrival = Self.record("node-2", from: FlowEnd(IPAddress(v4: 172, 30, 0, 11), 61_000, node: "node-1"))
    let joined = FlowJoin.join([arrival, entry])
    #expect(joined.count == 1 && joined.first?.source == outside && joined.first?.target == Self.web)
  }

  /// By another node's port back to the sender's node.
  @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]]) func aDetourIsOneFlow(_ order: [Int]) {
    let port = SocketEndpoint(IPAddress(v4: 172, 30, 0, 12), 30_080)
    var first = Self.record("node-1", to: FlowEnd(port.address, port.port, node: "node-2"))
    first.egress = FlowJudgement(isAllowed: true, text: "out")
    var target = Self.web
    target.node = "node-1"
    var second = Self.record("node-2", to: target)
    second.requested = port
    second.service = Self.service
    second.maskedSource = SocketEndpoint(port.address, 61_000)
    var third = Self.record("node-1", from: FlowEnd(port.address, 61_000, node: "node-2"), to: target)
    third.ingress = FlowJudgement(isAllowed: true, text: "in")
    let parts = [first, second, third]
    let joined = FlowJoin.join(order.map { parts[$0] })
    #expect(joined.map(\.nodes) == [["node-1", "node-2", "node-1"]])
    #expect(joined.first?.source == Self.client && joined.first?.target == target)
    #expect(joined.first?.egress?.text == "out" && joined.first?.ingress?.text == "in")
    #expect(joined.first?.service == Self.service)
  }

  @Test func nothingVanishesWhereBothTellTheSame() {
    let outside = FlowEnd(IPAddress(v4: 192, 0, 2, 7), 5000)
    let halves = ["node-1", "node-2", "node-3"].map { Self.record($0, from: outside) }
    #expect(FlowJoin.join(Array(halves.prefix(2))).map(\.nodes.count) == [2])
    #expect(FlowJoin.join(halves).map(\.nodes.count).reduce(0, +) == 3)
  }

  @Test func whatIsNotTheSameStaysApart() {
    let later = Self.record("node-2", since: 1000)
    var otherPort = Self.client
    otherPort.port = 40_001
    let another = Self.record("node-2", from: otherPort)
    #expect(FlowJoin.join([Self.departure, later]).count == 2, "the same ports much later")
    #expect(FlowJoin.join([Self.departure, another]).count == 2)
    #expect(FlowJoin.join([Self.departure, Self.departure]).count == 2, "of one node")
    // Two calls from one port in turn: each half finds its own.
    var (first, second) = (Self.departure, Self.departure)
    (first.number, second.number) = (1, 2)
    second.since = Timestamp(seconds: 150)
    let arrivals = [Self.record("node-2", since: 151), Self.record("node-2", since: 101)]
    let joined = FlowJoin.join([first, second] + arrivals)
    #expect(joined.map(\.nodes.count) == [2, 2])
  }

  @Test func aRecordComesBackFromItsLine() throws {
    var record = try #require(FlowJoin.join([Self.departure, Self.arrival]).first)
    record.maskedSource = SocketEndpoint(IPAddress("fd00::1")!, 1)
    record.tcpState = "ESTABLISHED"
    record.isAnswered = true
    record.possibleServices = [Self.service]
    record.answered = .init(packets: 1, bytes: 2)
    record.ingress = FlowJudgement(
      isAllowed: true, text: "in", object: "NetworkPolicy shop/a", field: "spec.ingress[0]")
    #expect(FlowRecord(try JSON.parse(record.tree.encoded())) == record)
    let control = FlowRecord(
      node: "n", status: .dropped, transport: "ICMP", from: FlowEnd(Self.client.address, nil),
      to: FlowEnd(Self.web.address, nil), until: Timestamp(seconds: 1))
    #expect(FlowRecord(try JSON.parse(control.tree.encoded())) == control)
    #expect(FlowRecord(["kind": "loss"]) == nil && FlowRecord(["kind": "flow", "status": "odd"]) == nil)
  }

  @Test func aLossComesBackFromItsLineAndIsSaidInWords() throws {
    var loss = FlowLoss(node: "node-1")
    loss.packetsOverLimit = 12
    loss.events = 1
    loss.uncounted = 2
    loss.reasons = ["does not answer"]
    #expect(FlowLoss(try JSON.parse(loss.tree.encoded())) == loss)
    #expect(
      loss.lines(limit: 100) == [
        "node node-1: does not answer", "node node-1: 12 dropped packets were not logged: more than 100 a second",
        "node node-1: 1 event of a connection was lost",
        "node node-1: 2 times it could not be counted how many packets or events were lost",
      ])
    #expect(FlowLoss(node: "n").isEmpty && FlowLoss(node: "n").lines(limit: 1).isEmpty)
  }
}
