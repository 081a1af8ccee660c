import APIClient
import APIServer
import Foundation
import JSONTree
import KubernetesAPI
import NIOCore
import NIOPosix
import NIOSSL
import Testing

/// The server over its HTTPS port.
@Suite struct ListenerTests {
  private func withListener(
    _ body: (
      _ administrator: HTTPTransport, _ stranger: HTTPTransport, _ administrators: ClientConfiguration
    ) async throws -> Void
  ) async throws {
    try await ListeningServer.run { server in
      try await body(server.administrator, server.stranger, server.configuration)
    }
  }

  /// The next request may be there before the server has turned away from the last one: here it is from the beginning.
  @Test(.timeLimit(.minutes(5))) func requestsBehindAStreamedAnswerAreTaken() async throws {
    try await withListener { administrator, _, configuration in
      let filler = JSON.string(String(repeating: "x", count: 700_000))
      let object: JSON = ["metadata": ["name": "large"], "data": ["x": filler]]
      let path = "/api/v1/namespaces/default/configmaps"
      let made = try await administrator.send(
        APIRequest(.post, path, headers: [NamedValue("Content-Type", "application/json")], body: object.encoded()))
      #expect(made.status == 201)
      let channel = try await ListeningServer.connect(configuration)
      try await channel.executeThenClose { inbound, outbound in
        let requests = 5
        let request = "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n"
        try await outbound.write(ByteBuffer(string: String(repeating: request, count: requests)))
        var answers = 0
        var tail: [UInt8] = []
        let mark = Array("HTTP/1.1 200".utf8)
        for try await part in inbound {
          let bytes = tail + Array(part.readableBytesView)
          var index = 0
          while index + mark.count <= bytes.count {
            if bytes[index] == mark[0], bytes[index..<(index + mark.count)].elementsEqual(mark) { answers += 1 }
            index += 1
          }
          tail = Array(bytes.suffix(mark.count - 1))
          if answers == requests { break }
        }
        #expect(answers == requests)
      }
    }
  }

  /// Each request of many that are there at once has its own answer, whichever way it is answered.
  @Test(.timeLimit(.minutes(5))) func pipelinedRequestsAreAnsweredInTheirOrder() async throws {
    try await withListener { _, _, configuration in
      let channel = try await ListeningServer.connect(configuration)
      try await channel.executeThenClose { inbound, outbound in
        func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n" }
        let spaces = "/api/v1/namespaces"
        let names = ["default", "kube-system", "kube-public", "default", "kube-node-lease"]
        // A list, which is answered elsewhere, before and between objects, which are answered on the spot.
        let requests = [get(spaces)] + names.map { get("\(spaces)/\($0)") } + [get(spaces), get("\(spaces)/default")]
        try await outbound.write(ByteBuffer(string: requests.joined()))
        var text = ""
        func answers() -> [String] {
          text.components(separatedBy: "HTTP/1.1 200 OK").dropFirst().map { answer in
            answer.contains(#""kind":"NamespaceList""#)
              ? "list"
              : answer.components(separatedBy: #""name":""#).dropFirst().first?.components(separatedBy: "\"").first
                ?? ""
          }
        }
        let expected = ["list"] + names + ["list", "default"]
        for try await part in inbound {
          text += String(buffer: part)
          if answers().count >= expected.count, text.hasSuffix("}\n") { break }
        }
        #expect(answers() == expected)
      }
    }
  }

  /// A watch whose upgrade comes to nothing does not stay behind.
  @Test(.timeLimit(.minutes(5))) func anUpgradeThatFailsLeavesNoWatch() async throws {
    try await withListener { administrator, _, configuration in
      func watches() async throws -> Bool {
        let page = try await administrator.send(APIRequest(.get, "/metrics"))
        return String(decoding: page.body, as: UTF8.self).split(separator: "\n").contains {
          $0.hasPrefix("apiserver_longrunning_requests") && $0.contains("configmaps")
        }
      }
      let channel = try await ListeningServer.connect(configuration)
      try await channel.executeThenClose { inbound, outbound in
        // Without a key there is no WebSocket.
        try await outbound.write(
          ByteBuffer(
            string: "GET /api/v1/configmaps?watch=true HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
              + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n"))
        for try await _ in inbound {}
      }
      for _ in 0..<100 where try await watches() { try await Task.sleep(for: .milliseconds(50)) }
      #expect(try await !watches())
      // The page shows a watch that is there.
      let watch = try await administrator.stream(
        APIRequest(.get, "/api/v1/configmaps", query: [NamedValue("watch", "true")]))
      #expect(try await watches())
      _ = watch
    }
  }

  private static let configMaps = "/api/v1/namespaces/default/configmaps"
  private static let json = [NamedValue("Content-Type", "application/json")]

  @Test func theAdministratorsCertificateOpensIt() async throws {
    try await withListener { administrator, stranger, _ in
      let namespaces = try await administrator.send(APIRequest(.get, "/api/v1/namespaces"))
      #expect(try JSON.parse(namespaces.body).kind == "NamespaceList")
      let one = try await administrator.send(APIRequest(.get, "/api/v1/namespaces/default"))
      #expect(try JSON.parse(one.body).name == "default")
      for path in ["/api/v1/namespaces", "/api/v1/namespaces/default", "/api"] {
        #expect(try await stranger.send(APIRequest(.get, path)).status == 401)
      }
      #expect(try await stranger.send(APIRequest(.get, "/version")).status == 200)
    }
  }

  @Test func aBodyOverThreeMebibytesIsTooLarge() async throws {
    try await withListener { administrator, _, _ in
      let filler = String(repeating: "x", count: 3 << 20)
      let large = TestObjects.configMap("a", data: ["x": .string(filler)]).encoded()
      let answer = try await administrator.send(
        APIRequest(.post, Self.configMaps, headers: Self.json, body: large))
      let status = try JSON.parse(answer.body)
      #expect(answer.status == 413 && status.kind == "Status" && status["reason"] == "RequestEntityTooLarge")
      #expect(status["message"] == "Request entity too large: limit is 3145728")
      // The connection goes on; a body of the most that is allowed is read, and then refused for what it holds.
      var most = TestObjects.configMap("a").encoded()
      most += Array(repeating: UInt8(ascii: " "), count: (3 << 20) - most.count)
      #expect(
        try await administrator.send(APIRequest(.post, Self.configMaps, headers: Self.json, body: most)).status == 201)
    }
  }

  @Test func aWatchIsStreamed() async throws {
    try await withListener { administrator, _, _ in
      let watch = try await administrator.stream(
        APIRequest(.get, Self.configMaps, query: [NamedValue("watch", "true")]))
      #expect(watch.status == 200)
      for name in ["a", "b"] {
        _ = try await administrator.send(
          APIRequest(.post, Self.configMaps, headers: Self.json, body: TestObjects.configMap(name).encoded()))
      }
      var text = ""
      for try await part in watch.body {
        text += String(decoding: part, as: UTF8.self)
        if text.filter({ $0 == "\n" }).count == 2 { break }
      }
      let events = try text.split(separator: "\n").map { try JSON.parse(String($0)) }
      #expect(events.map { $0["type"] } == ["ADDED", "ADDED"])
      #expect(events.map { $0["object"]?.name } == ["a", "b"])
    }
  }
}
