import HTTPTypes
import JSONTree
import KubernetesAPI
import NIOCore
import Testing

@testable import APIServer

/// What no client should send: each is refused with a Status, and costs no more than its own size.
@Suite struct BadInputTests {
  private func post(_ space: TestNamespace, _ body: [UInt8], type: String = "application/json") async throws -> Answer {
    try await space.server.send(.post, space.path(.configMaps), body: body, headers: [.contentType: type])
  }

  @Test(arguments: ["application/json", "application/yaml"])
  func whatIsNestedTenThousandDeepIsRefused(type: String) async throws {
    let space = try await TestServer.shared.namespace()
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      let nested = String(repeating: open, count: 10_000) + "1" + String(repeating: close, count: 10_000)
      let body = #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":"# + nested + "}"
      let answer = try await post(space, Array(body.utf8), type: type)
      #expect(try answer.object(400)["reason"] == "BadRequest", "\(answer)")
    }
    #expect(try await space.names(.configMaps) == [])
  }

  @Test func whatIsNoUTF8IsRefused() async throws {
    let space = try await TestServer.shared.namespace()
    for bytes: [UInt8] in [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]] {
      let body =
        Array(#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":""#.utf8) + bytes
        + Array("\"}}".utf8)
      let answer = try await post(space, body)
      // Go's decoder reads such bytes as U+FFFD; a server may do the same, and never stores them as they are.
      if answer.code == 201 {
        #expect(answer.text.contains("\u{fffd}"))
        _ = try await space.server.delete(space.path(.configMaps, "a"))
      } else {
        #expect(answer.code == 400, "\(answer)")
      }
    }
  }

  /// Each operation doubles the object: a thousand of them would be more than there are atoms.
  @Test func aPatchThatDoublesTheObjectIsRefused() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.configMaps, TestObjects.configMap("a", data: ["x": "y"])).object(201)
    let bomb = JSON.array((0..<1_000).map { ["op": "copy", "from": "/data", "path": .string("/data/\($0)")] })
    let answer = try await space.server.patch(space.path(.configMaps, "a"), bomb, as: .json)
    try answer.refused(422, "Invalid", "the server rejected our request due to an error in our request")
    let tooMany = JSON.array((0...10_000).map { _ in ["op": "test", "path": "/kind", "value": "ConfigMap"] })
    #expect(try await space.server.patch(space.path(.configMaps, "a"), tooMany, as: .json).code == 413)
    #expect(try await space.get(.configMaps, "a").object()["data"] == ["x": "y"])
  }

  @Test func aBillionLaughsAreRefused() async throws {
    let space = try await TestServer.shared.namespace()
    var text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...12 {
      text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
    }
    #expect(try await post(space, Array(text.utf8), type: "application/yaml").code == 400)
  }

  @Test func aSelectorOfAMegabyteIsAnswered() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.configMaps, TestObjects.configMap("a", labels: ["k1": "v"])).object(201)
    let terms = (0..<100_000).map { "!n\($0)" }.joined(separator: ",")
    #expect(try await space.names(.configMaps, query: "?labelSelector=\(terms)") == ["a"])
    let values = (0..<120_000).map { "v\($0)" }.joined(separator: ",")
    #expect(try await space.names(.configMaps, query: "?labelSelector=k1+in+(\(values),v)") == ["a"])
    let open = String(repeating: "(", count: 1 << 20)
    #expect(try await space.server.get(space.path(.configMaps) + "?labelSelector=k1+in+\(open)").code == 400)
  }

  /// A client that does not read is cut off, and what waited for it is let go; the others see everything.
  @Test func aWatchThatNobodyReadsIsCutOff() async throws {
    // On a server of its own: so much text would push others' changes out of the watch cache's memory.
    let space = try await TestServer().namespace()
    let cache = try space.server.server.registry.cache(of: .configMaps)
    let watcher = Watcher(
      kind: .configMaps, selection: Selection(namespace: space.name), sendsBookmarks: false, deadline: .distantFuture
    ) { cache.remove($0) }
    try cache.add(watcher, after: nil, sendsInitialEvents: false)
    let filler = String(repeating: "x", count: 1 << 20)
    for number in 0..<70 {
      _ = try await space.create(
        .configMaps, TestObjects.configMap("c\(number)", data: ["x": .string(filler)])
      ).object(201)
      _ = try await space.server.delete(space.path(.configMaps, "c\(number)"))
    }
    #expect(try await watcher.next() == nil)
  }
}
