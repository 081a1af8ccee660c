import NamePlan
import NetworkTypes
import Testing

@testable import NameServer

@Suite struct ResponderTests {
  private let responder: Responder

  init() {
    let table = NameTable()
    table.publish(TestCluster.index())
    responder = Responder(table: table, zone: TestCluster.configuration.zone)
    responder.refresh()
  }

  private enum Said {
    case reply(TestReply)
    case dropped
    case asked(Inquiry)

    var reply: TestReply? { if case .reply(let reply) = self { reply } else { nil } }
  }

  private func ask(_ query: [UInt8], streamed: Bool = false) -> Said {
    var room = [UInt8](repeating: 0xee, count: streamed ? WireFormat.streamLimit : 1536)
    let verdict = query.withUnsafeBytes { message in
      room.withUnsafeMutableBytes { responder.respond(to: message, in: $0, streamed: streamed) }
    }
    switch verdict {
    case .reply(let length): return .reply(TestReply(bytes: Array(room[..<length])))
    case .drop: return .dropped
    case .ask(let inquiry): return .asked(inquiry)
    }
  }

  @Test func anAddressIsAnswered() throws {
    let reply = try #require(ask(TestMessage.query("Web.shop.SVC.cluster.local")).reply)
    #expect(reply.bytes.starts(with: [0x12, 0x34, 0x85, 0x80]))
    #expect(reply.sections == [["web.shop.svc.cluster.local. 10.96.0.7"], [], []])
    // The question keeps its spelling.
    #expect(Array(reply.bytes[13..<16]) == Array("Web".utf8))
  }

  @Test func theOPTRecordIsAnsweredInKind() throws {
    let reply = try #require(ask(TestMessage.query("web.shop.svc.cluster.local", payload: 4096)).reply)
    #expect(reply.sections == [["web.shop.svc.cluster.local. 10.96.0.7"], [], ["OPT 1232 0"]])
    let bad = try #require(ask(TestMessage.query("web.shop.svc.cluster.local", payload: 4096, version: 1)).reply)
    #expect(bad.sections == [[], [], ["OPT 1232 \(1 << 24)"]])
  }

  @Test(arguments: [
    ("gone.shop.svc.cluster.local", RecordType.a, 3), ("a.b.gone.shop.svc.cluster.local", .a, 3),
    ("web.shop.svc.cluster.local", .aaaa, 0), ("web.cluster.local", .a, 3), ("shop.svc.cluster.local", .a, 0),
    ("github.com.shop.svc.cluster.local", .a, 3), ("9.9.244.10.in-addr.arpa", .ptr, 3),
  ]) func noIsSaidWithTheZonesAuthority(_ name: String, _ type: RecordType, _ code: UInt8) throws {
    let reply = try #require(ask(TestMessage.query(name, type, payload: 1232)).reply)
    #expect(reply.code == code && reply.isAuthoritative)
    let zone = name.hasSuffix("arpa") ? "in-addr.arpa." : "cluster.local."
    #expect(reply.sections?[1] == ["\(zone) SOA ns.dns.cluster.local. hostmaster.cluster.local."])
  }

  @Test func severalAddressesTakeTurns() throws {
    let first = Set(
      try (0..<6).map { _ in
        let reply = try #require(ask(TestMessage.query("db.shop.svc.cluster.local")).reply)
        #expect(reply.sections?[0].count == 3 && Set(reply.sections?[0] ?? []).count == 3)
        return reply.sections?[0].first ?? ""
      })
    #expect(first.count == 3)
  }

  @Test func recordsWithNamesAreWrittenOut() throws {
    let service = try #require(ask(TestMessage.query("_redis._tcp.db.shop.svc.cluster.local", .srv)).reply)
    #expect(
      service.sections?[0].sorted().first
        == "_redis._tcp.db.shop.svc.cluster.local. 0 33 6379 db-0.db.shop.svc.cluster.local.")
    #expect(service.sections?[2].sorted().first == "db-0.db.shop.svc.cluster.local. 10.244.0.0")
    let pointer = try #require(ask(TestMessage.query("7.0.96.10.in-addr.arpa", .ptr)).reply)
    #expect(pointer.sections?[0] == ["7.0.96.10.in-addr.arpa. -> web.shop.svc.cluster.local."])
    let version = try #require(ask(TestMessage.query("dns-version.cluster.local", .txt)).reply)
    #expect(version.sections?[0] == ["dns-version.cluster.local. \"1.1.0\""])
  }

  @Test(arguments: [(nil, 512), (512, 512), (600, 600), (4096, 1232)] as [(UInt16?, Int)])
  func whatIsTooLongIsCut(_ payload: UInt16?, _ limit: Int) throws {
    for (name, type) in [("crowd", RecordType.a), ("crowd", .srv), ("_redis._tcp.crowd", .srv)] {
      let query = TestMessage.query("\(name).shop.svc.cluster.local", type, payload: payload)
      let reply = try #require(ask(query).reply)
      #expect(reply.isTruncated && reply.bytes.count <= limit && reply.sections != nil)
      let whole = try #require(ask(query, streamed: true).reply)
      #expect(!whole.isTruncated && whole.sections?[0].count == 200)
    }
  }

  @Test func otherZonesAreForOthers() throws {
    guard case .asked(let plain) = ask(TestMessage.query("example.com")) else { throw NameServerError(.noSocket, "") }
    #expect(plain.target == nil && plain.aliases.isEmpty)
    guard case .asked(let alias) = ask(TestMessage.query("far.shop.svc.cluster.local")) else {
      throw NameServerError(.noSocket, "")
    }
    #expect(alias.target == DNSName("www.example.com") && alias.aliases.count == 1)
    let own = try #require(ask(TestMessage.query("far.shop.svc.cluster.local", .cname)).reply)
    #expect(own.sections?[0] == ["far.shop.svc.cluster.local. -> www.example.com."])
  }

  @Test func whatIsNoQueryIsRefusedOrIgnored() throws {
    let good = TestMessage.query("web.shop.svc.cluster.local")
    func changed(_ position: Int, _ value: UInt8) -> [UInt8] {
      var bytes = good
      bytes[position] = value
      return bytes
    }
    // A response, and what is too short: silence.
    if case .dropped = ask(changed(2, 0x80)) {} else { Issue.record("a response was answered") }
    if case .dropped = ask(Array(good.prefix(11))) {} else { Issue.record("half a header was answered") }
    #expect(ask(changed(2, 0x28)).reply?.code == 4)  // UPDATE
    #expect(ask(changed(5, 2)).reply?.code == 1)  // two questions
    #expect(ask(changed(5, 0)).reply?.code == 1)
    #expect(ask(changed(7, 1)).reply?.code == 1)
    #expect(ask(changed(11, 1)).reply?.code == 1)  // an additional record that is not there
    #expect(ask(changed(12, 0xc0)).reply?.code == 1)  // a pointer in the question
    #expect(ask(changed(12, 63)).reply?.code == 1)
    #expect(ask(Array(good.dropLast())).reply?.code == 1)
    #expect(ask(TestMessage.query("web.shop.svc.cluster.local", recordClass: 3)).reply?.code == 5)
    #expect(ask(TestMessage.query("cluster.local", .axfr)).reply?.code == 5)
    let long = Array(repeating: "abcdefghijklmno", count: 16).joined(separator: ".")
    #expect(ask(TestMessage.query(long)).reply?.code == 1)
  }

  @Test func beforeTheClusterIsKnownItsNamesFail() throws {
    let responder = Responder(table: NameTable(), zone: TestCluster.configuration.zone)
    var room = [UInt8](repeating: 0, count: 512)
    let query = TestMessage.query("web.shop.svc.cluster.local")
    let verdict = query.withUnsafeBytes { message in
      room.withUnsafeMutableBytes { responder.respond(to: message, in: $0, streamed: false) }
    }
    guard case .reply(let length) = verdict else { throw NameServerError(.noSocket, "") }
    #expect(TestReply(bytes: Array(room[..<length])).code == 2)
  }

  /// Random bytes, and good queries with bytes changed: every reply is a message, within its limit.
  @Test func randomBytesNeverTrap() {
    let seeds = [
      TestMessage.query("web.shop.svc.cluster.local", payload: 1232),
      TestMessage.query("crowd.shop.svc.cluster.local", .srv),
      TestMessage.query("7.0.96.10.in-addr.arpa", .ptr), TestMessage.query("far.shop.svc.cluster.local"),
      TestMessage.query("10-1-1-1.shop.pod.cluster.local"), TestMessage.query("a.b.c.d.e"),
    ]
    for round in 0..<40_000 {
      var query = seeds[round % seeds.count]
      if round % 3 == 0 {
        query = (0..<Int.random(in: 0...300)).map { _ in .random(in: 0...255) }
        if query.count > 12, Bool.random() { query.replaceSubrange(2..<12, with: [1, 0, 0, 1, 0, 0, 0, 0, 0, 1]) }
      } else {
        for _ in 0..<Int.random(in: 1...4) { query[.random(in: query.indices)] = .random(in: 0...255) }
        if round % 5 == 0 { query.removeLast(.random(in: 0...query.count)) }
      }
      let streamed = round % 7 == 0
      guard let reply = ask(query, streamed: streamed).reply else { continue }
      #expect(reply.bytes.count <= (streamed ? WireFormat.streamLimit : WireFormat.datagramLimit))
      #expect(reply.sections != nil, "\(query)")
    }
  }
}
