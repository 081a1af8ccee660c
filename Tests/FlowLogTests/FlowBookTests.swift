import Conntrack
import KubernetesAPI
import NetworkTypes
import Testing

@testable import FlowLog

@Suite struct RecentItemsTests {
  @Test func placesOutliveWhatGoes() {
    var items = RecentItems<Int>(capacity: 3)
    #expect([1, 2, 3].allSatisfy { items.append($0) == nil })
    let place = items.lastPlace
    #expect(items.append(4) == 1)
    #expect(items[place] == 3)
    items[place] = 30
    #expect(items.items == [2, 30, 4])
    for number in 5...5000 { _ = items.append(number) }
    #expect(items.items == [4998, 4999, 5000] && items[place] == nil && items[items.lastPlace] == 5000)
  }
}

@Suite struct FlowBookTests {
  private static func entry(_ port: UInt16, id: UInt32 = 1, bytes: UInt64? = nil) -> ConntrackEntry {
    let (client, server) = (
      SocketEndpoint(IPAddress(v4: 10, 244, 1, 2), port), SocketEndpoint(IPAddress(v4: 10, 244, 1, 3), 80)
    )
    return ConntrackEntry(
      ConntrackFlow(.tcp, from: client, to: server, answerSource: server, answerDestination: client), id: id,
      sent: bytes.map { .init(packets: 1, bytes: $0) })
  }

  private static func record(
    _ port: UInt16, _ status: FlowRecord.Status = .live, at second: Int64 = 0, isEgress: Bool = false
  ) -> FlowRecord {
    var record = FlowRecord(
      node: "node-1", status: status, transport: "TCP", from: FlowEnd(IPAddress(v4: 10, 244, 1, 2), port),
      to: FlowEnd(IPAddress(v4: 10, 244, 1, 3), 80), until: Timestamp(seconds: second))
    if status == .dropped {
      record.droppedPackets = 1
      if isEgress { record.egress = FlowJudgement(isAllowed: false, text: "") }
    }
    return record
  }

  private static func time(_ seconds: Int64) -> Timestamp { Timestamp(seconds: seconds) }

  @Test func aConnectionLivesAndEndsWithWhatItCarried() {
    var book = FlowBook()
    #expect(book.begin(Self.entry(1), Self.record(1))?.number == 1)
    book.update(Self.entry(1, bytes: 10), at: Self.time(1))
    #expect(book.records.map(\.sent?.bytes) == [10])
    let ended = book.end(Self.entry(1, bytes: 20), at: Self.time(5))
    #expect(ended?.status == .ended && ended?.sent?.bytes == 20 && ended?.until == Self.time(5))
    #expect(book.liveCount == 0 && book.records.map(\.status) == [.ended])
    #expect(book.end(Self.entry(1), at: Self.time(6)) == nil)
    #expect(book.hasEnded(Self.entry(1)) && !book.hasEnded(Self.entry(1, id: 2)))
  }

  @Test func theOldestMakeRoomAndAreCounted() {
    var limits = FlowBook.Limits()
    limits.live = 10
    limits.ended = 5
    var book = FlowBook(limits)
    for port in 1...25 as ClosedRange<UInt16> { _ = book.begin(Self.entry(port), Self.record(port)) }
    #expect(book.liveCount == 10 && book.displaced == 15)
    #expect(book.records.map(\.source.port) == Array(16...25))
    for port in 16...25 as ClosedRange<UInt16> { _ = book.end(Self.entry(port), at: Self.time(1)) }
    #expect(book.records.map(\.source.port) == Array(21...25), "those that ended latest")
    #expect(book.displaced == 15 && book.hasEnded(Self.entry(25)) && !book.hasEnded(Self.entry(16)))
  }

  /// Connections that end leave nothing behind, however long another lives.
  @Test func shortConnectionsBesideALongOneTakeNoRoom() {
    var limits = FlowBook.Limits()
    limits.live = 3
    var book = FlowBook(limits)
    _ = book.begin(Self.entry(1), Self.record(1))
    for _ in 0..<5000 {
      _ = book.begin(Self.entry(2), Self.record(2))
      _ = book.end(Self.entry(2), at: Self.time(1))
    }
    #expect(book.liveCount == 1 && book.displaced == 0 && book.holds(Self.entry(1)))
  }

  @Test func theSameTuplesAgainAreAnotherConnection() {
    var book = FlowBook()
    _ = book.begin(Self.entry(1, id: 1), Self.record(1))
    _ = book.begin(Self.entry(1, id: 2), Self.record(1, at: 9))
    #expect(book.records.map(\.status) == [.live, .ended])
    #expect(book.end(Self.entry(1, id: 1), at: Self.time(10)) == nil, "that one is over")
    book.update(Self.entry(1, id: 1, bytes: 7), at: Self.time(10))
    #expect(book.records.map(\.sent) == [nil, nil])
  }

  /// A listing may be faster than the word of what it lists.
  @Test func aConnectionThatWasListedBeforeItsBeginningWasToldIsOne() {
    var book = FlowBook()
    #expect(book.begin(Self.entry(1), Self.record(1)) != nil)
    var told = Self.record(1)
    told.since = Self.time(3)
    #expect(book.begin(Self.entry(1), told) == nil)
    #expect(book.records.map(\.status) == [.live] && book.records.first?.since == Self.time(3))
  }

  @Test func whatAListingDoesNotHaveHasEnded() {
    var book = FlowBook()
    for port in 1...3 as ClosedRange<UInt16> {
      _ = book.begin(Self.entry(port), Self.record(port, at: port == 3 ? 100 : 0))
    }
    let gone = book.endAll(but: [Self.entry(1).flow], before: Self.time(50), at: Self.time(101))
    #expect(gone.map(\.source.port) == [2], "the third is younger than the listing")
    #expect(book.liveCount == 2)
  }

  @Test func aDropThatRepeatsItselfIsOneRecord() {
    var limits = FlowBook.Limits()
    limits.dropped = 2
    var book = FlowBook(limits)
    #expect(book.drop(Self.record(1, .dropped, at: 0)) != nil)
    #expect(book.drop(Self.record(1, .dropped, at: 30)) == nil)
    #expect(book.drop(Self.record(1, .dropped, at: 80)) == nil, "the pause counts, not the whole")
    #expect(book.records.map(\.droppedPackets) == [3] && book.records[0].until == Self.time(80))
    #expect(book.drop(Self.record(1, .dropped, at: 80, isEgress: true)) != nil, "by the other end's policies")
    #expect(book.drop(Self.record(1, .dropped, at: 200)) != nil, "much later")
    #expect(book.records.map(\.droppedPackets) == [1, 1])
    #expect(book.drop(Self.record(2, .dropped, at: 200)) != nil)
    #expect(book.drop(Self.record(1, .dropped, at: 201)) == nil)
  }

  @Test func countersThatBeginAnewLoseNothing() {
    var tally = DenialTally()
    tally.add(denied: 500, told: 300)
    #expect(tally.untold == 0, "before anybody looked")
    tally.add(denied: 520, told: 310)
    #expect(tally.untold == 10)
    tally.add(denied: 7, told: 4)
    #expect(tally.untold == 13)
    tally.add(denied: 7, told: 4)
    #expect(tally.untold == 13)
  }
}
