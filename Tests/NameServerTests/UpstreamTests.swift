import NamePlan
import NetworkTypes
import Testing

@testable import NameServer

@Suite struct UpstreamTests {
  private func inquiry(_ name: String, limit: Int = 512, payload: UInt16? = nil) -> Inquiry {
    let query = TestMessage.query(name, payload: payload)
    return Inquiry(
      query: query, questionEnd: query.count - (payload == nil ? 0 : 11), limit: limit, hasOPT: payload != nil,
      type: .a, aliases: [], target: nil)
  }

  private func upstreamQuery(_ inquiry: Inquiry) -> UpstreamQuery {
    let parser = QueryParser()
    _ = inquiry.query.withUnsafeBytes { parser.parse($0) }
    return UpstreamQuery(of: inquiry, parser: parser)
  }

  /// An answer of one address, as a server would send it.
  private func answer(_ query: UpstreamQuery, identifier: UInt16, ttl: UInt8 = 30) -> [UInt8] {
    var message = query.message(identifier: identifier)
    message.removeSubrange(query.questionEnd...)
    message[2] |= 0x80
    message[7] = 1
    message[11] = 0
    return message + [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, ttl, 0, 4, 192, 0, 2, 1]
  }

  @Test func theSpellingAndIdentifierAreTheClients() throws {
    let client = inquiry("Example.COM")
    let query = upstreamQuery(client)
    #expect(query == upstreamQuery(inquiry("example.com")))
    #expect(query != upstreamQuery(inquiry("example.com", payload: 1232)))
    let message = answer(query, identifier: 7)
    #expect(query.isAnswered(by: message, identifier: 7))
    #expect(!query.isAnswered(by: message, identifier: 8))
    #expect(!query.isAnswered(by: query.message(identifier: 7), identifier: 7))
    #expect(!upstreamQuery(inquiry("example.org")).isAnswered(by: message, identifier: 7))
    let reply = TestReply(
      bytes: try #require(UpstreamAnswer(message, questionEnd: query.questionEnd)).reply(to: client))
    #expect(reply.bytes.starts(with: client.query[0..<2]) && Array(reply.bytes[13..<20]) == Array("Example".utf8))
    #expect(reply.sections?[0] == ["example.com. 192.0.2.1"])
  }

  @Test func theCacheCountsDown() throws {
    let query = upstreamQuery(inquiry("example.com"))
    let answer = try #require(UpstreamAnswer(answer(query, identifier: 1), questionEnd: query.questionEnd))
    #expect(answer.lifetime == 30)
    var cache = AnswerCache(capacity: 4)
    let start = ContinuousClock.now
    cache.store(answer, for: query, at: start)
    #expect(cache.answer(to: query, at: start + .seconds(10))?.message.suffix(7).first == 20)
    #expect(cache.answer(to: query, at: start + .seconds(31)) == nil)
    for number in 0..<20 { cache.store(answer, for: upstreamQuery(inquiry("n\(number).example.com")), at: start) }
    #expect(cache.count <= 4)
  }

  @Test func answersThatAreCutKeepTheQuestion() throws {
    let client = inquiry("example.com", limit: 40)
    let query = upstreamQuery(client)
    let whole = try #require(UpstreamAnswer(answer(query, identifier: 1), questionEnd: query.questionEnd))
    let reply = TestReply(bytes: whole.reply(to: client))
    #expect(reply.isTruncated && reply.sections == [[], [], []])
  }

  @Test func failuresAreNotKept() throws {
    let query = upstreamQuery(inquiry("example.com"))
    var message = answer(query, identifier: 1)
    message[3] |= 2
    #expect(UpstreamAnswer(message, questionEnd: query.questionEnd)?.lifetime == 0)
    message[3] &= 0xf0
    message.removeLast()
    #expect(UpstreamAnswer(message, questionEnd: query.questionEnd) == nil)
  }

  @Test func randomAnswersNeverTrap() {
    let query = upstreamQuery(inquiry("example.com"))
    let good = answer(query, identifier: 1)
    for _ in 0..<20_000 {
      var message = good
      for _ in 0..<Int.random(in: 1...6) { message[.random(in: message.indices)] = .random(in: 0...255) }
      message.removeLast(.random(in: 0...4))
      guard let answer = UpstreamAnswer(message, questionEnd: query.questionEnd) else { continue }
      _ = answer.records
      _ = answer.aged(by: 3).reply(to: inquiry("example.com"))
    }
  }

  @Test func serversComeFromTheFile() {
    let text =
      "# comment\nnameserver 192.0.2.1\nsearch a b\noptions ndots:5\nnameserver\t2001:db8::1 # x\nnameserver x\n"
    #expect(UpstreamServers.parse(text) == [IPAddress("192.0.2.1")!, IPAddress("2001:db8::1")!])
    var servers = UpstreamServers(
      .fixed([SocketEndpoint(IPAddress(v4: 10, 96, 0, 10), 53), SocketEndpoint(IPAddress(v4: 192, 0, 2, 1), 53)]),
      excluding: [IPAddress(v4: 10, 96, 0, 10)])
    #expect(servers.current().map(\.description) == ["192.0.2.1:53"])
    var missing = UpstreamServers(.file("/does/not/exist"), excluding: [])
    #expect(missing.current().isEmpty)
  }
}
