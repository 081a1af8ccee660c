import HTTPTypes
import JSONTree
import KubernetesAPI
import NIOCore
import NIOPosix
import NIOSSL
import NetworkTypes
import Synchronization
import Testing

@testable import APIServer

@Suite struct ProxyTests {
  private static let root = "/api/v1/namespaces/default/pods/web:80/proxy"

  @Test func aPathIsSplitWhereTheBackendsBegins() {
    let path = ProxyPath(target: "\(Self.root)/a//b%2Fc/?x=1/2", depth: 7)
    #expect(path.prefix == Self.root && path.rest == "/a//b%2Fc/" && path.query == "?x=1/2")
    #expect(path.backendTarget == "/a//b%2Fc/?x=1/2")
    let bare = ProxyPath(target: "\(Self.root)?q", depth: 7)
    #expect(bare.rest.isEmpty && bare.prefix == Self.root && bare.backendTarget == "/?q")
    #expect(ProxyPath(target: "/api/v1/nodes/n/proxy/pods", depth: 5).rest == "/pods")
    #expect(ProxyPath(target: "", depth: 5).rest.isEmpty)
  }

  @Test func redirectsLeadThroughTheProxyAgain() {
    let root = Self.root
    let cases: [(location: String, expected: String)] = [
      ("/next", "\(root)/next"), ("http://10.0.0.1:80/next?a=b", "\(root)/next?a=b"),
      ("http://10.0.0.1:80", "\(root)/"), ("http://elsewhere/next", "http://elsewhere/next"),
      ("//elsewhere/next", "//elsewhere/next"), ("next", "next"), ("\(root)/next", "\(root)/next"),
    ]
    let path = ProxyPath(target: "\(root)/", depth: 7)
    for (location, expected) in cases {
      #expect(path.rewritten(location: location, authority: "10.0.0.1:80") == expected)
    }
  }

  @Test(arguments: [
    (#"<a href="/x">t</a>"#, #"<a href="P/x">t</a>"#),
    (#"<A  HREF = '/x?a=1&amp;b=2' id=y>"#, #"<A  HREF = 'P/x?a=1&amp;b=2' id=y>"#),
    (
      #"<img src=/x.png usemap=/m><script src="/s.js"></script>"#,
      #"<img src=P/x.png usemap=P/m><script src="P/s.js"></script>"#
    ),
    (#"<a title="a > /b" href="http://10.0.0.1:80/y">"#, #"<a title="a > /b" href="P/y">"#),
    // Elsewhere, relative, not an address, no markup.
    (#"<a href="http://other/x"><a href="x"><p id="/x">"#, #"<a href="http://other/x"><a href="x"><p id="/x">"#),
    (#"<!-- <a href="/x"> --><a href="/y">"#, #"<!-- <a href="/x"> --><a href="P/y">"#),
    (
      #"<script>if (a<b) '<a href="/x">'</SCRIPT ><a href="/y">"#,
      #"<script>if (a<b) '<a href="/x">'</SCRIPT ><a href="P/y">"#
    ),
    ("a < b <", "a < b <"), (#"<a href="/x"#, #"<a href="/x"#),
  ])
  func linksOfAPageLeadThroughTheProxy(_ page: String, _ expected: String) {
    let path = ProxyPath(target: "\(Self.root)/", depth: 7)
    for size in [1, 3, page.utf8.count] {
      var rewriter = LinkRewriter { path.rewritten(location: $0, authority: "10.0.0.1:80") }
      var output: [UInt8] = []
      var rest = Array(page.utf8)[...]
      while !rest.isEmpty {
        output += rewriter.rewrite(rest.prefix(size))
        rest = rest.dropFirst(size)
      }
      output += rewriter.finish()
      let text = String(decoding: output, as: UTF8.self)
      #expect(text == expected.split(separator: "P/").joined(separator: "\(Self.root)/"), "in parts of \(size)")
    }
  }

  @Test func whatIsNoTagPassesWithinABound() {
    var rewriter = LinkRewriter { $0 }
    let long = Array("<a ".utf8) + [UInt8](repeating: 0x78, count: LinkRewriter.maximumTag + 10)
    #expect(rewriter.rewrite(long) == long)
  }

  @Test func aPageComesRewrittenAndWithoutItsLength() async throws {
    let page = #"<a href="/rewriteme">test</a>"#
    let answer =
      "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: \(page.utf8.count)\r\n\r\n\(page)"
    try await Self.with(answer) { proxy, target, _ in
      let request = APIServerRequest(method: .get, target: Self.root + "/")
      let response = try await proxy.pass(request, ProxyPath(target: request.target, depth: 7), to: target)
      #expect(response.headers[.contentLength] == nil)
      #expect(try await Answer(response).text == #"<a href="\#(Self.root)/rewriteme">test</a>"#)
    }
  }

  @Test func referencesHaveThreeForms() {
    #expect(BackendTarget.Reference("web")?.port == "")
    #expect(BackendTarget.Reference("web:http")?.port == "http")
    #expect(BackendTarget.Reference("https:web:443")?.security == .unverified)
    for wrong in ["", ":80", "ftp:web:21", "a:b:c:d"] { #expect(BackendTarget.Reference(wrong) == nil) }
  }

  @Test func refusalsAreUpstreams() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.pods, TestObjects.pod("web")).object(201)
    let pods = space.path(.pods)
    func refusal(_ path: String) async throws -> String {
      let answer = try await space.server.get(path)
      let status = try JSON.parse(Array(answer.text.utf8))
      return "\(answer.code) \(status["message"]?.string ?? "")"
    }
    #expect(try await refusal("\(pods)/web/proxy/") == "400 address not allowed")
    #expect(try await refusal("\(pods)/none/proxy/") == "404 pods \"none\" not found")
    #expect(try await refusal("\(pods)/ftp:web:21/proxy/") == "400 invalid pod request \"ftp:web:21\"")
    _ = try await space.create(.services, TestObjects.service("svc")).object(201)
    let services = space.path(.services)
    #expect(
      try await refusal("\(services)/svc:80/proxy/") == "503 no endpoints available for service \"svc\"")
    #expect(
      try await refusal("\(services)/svc:81/proxy/") == "503 no service port 81 found for service \"svc\"")
  }

  // MARK: With a backend

  @Test func aRequestReachesTheBackendAndItsAnswerTheClient() async throws {
    let answer =
      "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 5\r\nAccess-Control-Allow-Origin: *\r\n"
      + "Connection: X-Hop\r\nX-Hop: 1\r\nX-Kept: 2\r\n\r\nhello"
    try await Self.with(answer) { proxy, target, received in
      let request = APIServerRequest(
        method: .put, target: "\(Self.root)/a?b=c",
        headers: [.authorization: "Bearer secret", .accept: "text/html", .connection: "keep-alive"],
        body: ByteBuffer(string: "body"))
      let response = try await proxy.pass(request, ProxyPath(target: request.target, depth: 7), to: target)
      let result = try await Answer(response)
      #expect(response.status.code == 302 && result.text == "hello")
      #expect(response.headers[.location] == Self.root + "/there")
      #expect(response.headers[HTTPField.Name("X-Kept")!] == "2")
      #expect(response.headers[HTTPField.Name("X-Hop")!] == nil && response.headers[.connection] == nil)
      #expect(response.headers[.accessControlAllowOrigin] == nil)
      let text = received.withLock { $0 }
      #expect(text.hasPrefix("PUT /a?b=c HTTP/1.1\r\n") && text.hasSuffix("\r\n\r\nbody"))
      #expect(text.contains("text/html") && text.contains("X-Forwarded-Uri: \(Self.root)/a\r\n"))
      #expect(!text.contains("secret") && !text.lowercased().contains("keep-alive"))
    }
  }

  @Test func headHasNoBodyAndABarePathIsRedirected() async throws {
    try await Self.with("HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n") { proxy, target, _ in
      let head = APIServerRequest(method: .head, target: Self.root + "/")
      let response = try await proxy.pass(head, ProxyPath(target: head.target, depth: 7), to: target)
      #expect(response.headers[.contentLength] == "77")
      let bare = APIServerRequest(method: .get, target: Self.root + "?x=y")
      let moved = try await proxy.pass(bare, ProxyPath(target: bare.target, depth: 7), to: target)
      #expect(moved.status.code == 301 && moved.headers[.location] == Self.root + "/?x=y")
    }
  }

  @Test func aClosedPortIsTold() async throws {
    var port: UInt16 = 0
    try await Self.with("") { _, target, _ in port = target.port }
    let target = BackendTarget(address: IPAddress("127.0.0.1")!, port: port, security: .none)
    let request = APIServerRequest(method: .get, target: Self.root + "/")
    let status = await #expect(throws: APIStatus.self) {
      try await Self.proxy().pass(request, ProxyPath(target: request.target, depth: 7), to: target)
    }
    #expect(status?.code == 503)
    #expect(
      status?.message == "error trying to reach service: dial tcp 127.0.0.1:\(port): connect: connection refused")
  }

  private static func proxy() throws -> BackendProxy {
    BackendProxy(
      dialer: AgentDialer(
        tls: try NIOSSLContext(configuration: .makeClientConfiguration()),
        group: MultiThreadedEventLoopGroup.singleton))
  }

  /// Runs `body` next to a backend that gives every connection the same answer.
  private static func with(
    _ answer: String, _ body: (BackendProxy, BackendTarget, BackendText) async throws -> Void
  ) async throws {
    let received = BackendText()
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(FixedAnswer(answer: answer, received: received))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(server.localAddress?.port)
    let target = BackendTarget(address: IPAddress("127.0.0.1")!, port: UInt16(port), security: .none)
    do {
      try await body(proxy(), target, received)
    } catch {
      try await server.close()
      throw error
    }
    try await server.close()
  }
}

/// What a backend was sent.
private final class BackendText: Sendable {
  private let text = Mutex("")
  func withLock<Result>(_ body: (inout sending String) -> sending Result) -> sending Result { text.withLock(body) }
}

/// Answers once the request is there, with its body where it has one.
private final class FixedAnswer: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let answer: String
  private let received: BackendText

  init(answer: String, received: BackendText) {
    self.answer = answer
    self.received = received
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = String(buffer: unwrapInboundIn(data))
    let isWhole = received.withLock { text -> Bool in
      text += part
      return text.hasPrefix("PUT") ? text.hasSuffix("\r\n\r\nbody") : text.hasSuffix("\r\n\r\n")
    }
    guard isWhole else { return }
    context.channel.writeAndFlush(ByteBuffer(string: answer), promise: nil)
  }
}
