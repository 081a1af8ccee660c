import APIClient
import APIServer
import JSONTree
import KubernetesAPI
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import Testing

/// Clients that say nothing, or too little at a time, with bounds that are shorter than the real ones.
@Suite(.serialized, .timeLimit(.minutes(2))) struct SlowClientsTests {
  private static let head = TimeAmount.milliseconds(600)
  private static let request = TimeAmount.milliseconds(1_000)
  private static let idle = TimeAmount.seconds(4)

  private func withServer(_ body: (ListeningServer) async throws -> Void) async throws {
    try await ListeningServer.run { configuration in
      configuration.timeouts.head = Self.head
      configuration.timeouts.request = Self.request
      configuration.timeouts.idle = Self.idle
    } _: {
      try await body($0)
    }
  }

  /// What a connection ended with, and after how long.
  private struct End {
    var bytes: [UInt8] = []
    var time = Duration.zero
    var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  /// Keeps what comes.
  private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let bytes: NIOLockedValueBox<[UInt8]>

    init(_ bytes: NIOLockedValueBox<[UInt8]>) { self.bytes = bytes }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      bytes.withLockedValue { $0 += Array(unwrapInboundIn(data).readableBytesView) }
    }

    /// A connection may also end by a reset: what was said before counts.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }

  /// Writes `first`, and `part` every 100 ms, until the server ends the connection.
  private func end(
    _ server: ListeningServer, protocols: [String] = [], first: ByteBuffer? = nil, then part: ByteBuffer? = nil
  ) async throws -> End {
    let begin = ContinuousClock.now
    let bytes = NIOLockedValueBox<[UInt8]>([])
    let tls = try ListeningServer.tls(server.configuration, protocols: protocols)
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers(
            NIOSSLClientHandler(context: tls, serverHostname: nil), Collector(bytes))
        }
      }
      .connect(host: "127.0.0.1", port: server.configuration.server.port).get()
    let writer = Task {
      if let first { try await channel.writeAndFlush(first) }
      // Ends by its failure once the connection is closed, or by its cancellation.
      while let part {
        try await Task.sleep(for: .milliseconds(100))
        try await channel.writeAndFlush(part)
      }
    }
    try await channel.closeFuture.get()
    writer.cancel()
    return End(bytes: bytes.withLockedValue { $0 }, time: .now - begin)
  }

  private func isAbout(_ time: Duration, _ bound: TimeAmount) -> Bool {
    let bound = Duration.nanoseconds(bound.nanoseconds)
    return time >= bound * 0.9 && time < bound + .seconds(5)
  }

  @Test func aHeadHasItsTime() async throws {
    try await withServer { server in
      let silent = try await end(server)
      #expect(silent.bytes.isEmpty && isAbout(silent.time, Self.head), "\(silent.time)")
      let slow = try await end(
        server, first: ByteBuffer(string: "GET /readyz HTTP/1.1\r\nHost: a\r\nX-Slow: "), then: ByteBuffer(string: "a"))
      #expect(slow.bytes.isEmpty && isAbout(slow.time, Self.head), "\(slow.time)")
    }
  }

  @Test func aConnectionMayWaitForItsNextRequest() async throws {
    try await withServer { server in
      let idle = try await end(server, first: ByteBuffer(string: "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"))
      #expect(idle.text.hasPrefix("HTTP/1.1 200 OK") && isAbout(idle.time, Self.idle), "\(idle.time)")
      // Once the next request has begun it has the time of a head.
      let begun = try await end(
        server,
        first: ByteBuffer(string: "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\nGET /readyz HTTP/1.1\r\nHost: a\r\nX: "),
        then: ByteBuffer(string: "a"))
      #expect(begun.time < Duration.nanoseconds(Self.idle.nanoseconds), "\(begun.time)")
    }
  }

  @Test func aBodyHasItsTime() async throws {
    try await withServer { server in
      let slow = try await end(
        server,
        first: ByteBuffer(
          string: "POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: a\r\n"
            + "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"), then: ByteBuffer(string: " "))
      #expect(isAbout(slow.time, Self.request), "\(slow.time)")
      #expect(slow.text.hasPrefix("HTTP/1.1 504 Gateway Timeout"), "\(slow.text)")
      #expect(slow.text.lowercased().contains("connection: close"))
      let body = slow.text.split(separator: "\r\n\r\n").last.map(String.init) ?? ""
      let status = try JSON.parse(body)
      #expect(status["reason"] == "Timeout" && status["code"] == 504)
      #expect(status["message"] == "Timeout: request did not complete within the allotted timeout")
    }
  }

  @Test func connectionsThatAreUsedStay() async throws {
    try await withServer { server in
      let watch = try await server.administrator.stream(
        APIRequest(.get, "/api/v1/namespaces/default/configmaps", query: [NamedValue("watch", "true")]))
      try await Task.sleep(for: .nanoseconds(Self.idle.nanoseconds * 2))
      let made = try await server.administrator.send(
        APIRequest(
          .post, "/api/v1/namespaces/default/configmaps", headers: [NamedValue("Content-Type", "application/json")],
          body: TestObjects.configMap("a").encoded()))
      #expect(made.status == 201)
      var text = ""
      for try await part in watch.body {
        text += String(decoding: part, as: UTF8.self)
        if text.contains("\n") { break }
      }
      #expect(text.contains("ADDED"))
    }
  }

  // MARK: HTTP/2

  private static let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

  private static func frame(type: UInt8, flags: UInt8, stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
    let length = UInt32(payload.count)
    return [UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), type, flags]
      + (0..<4).map { UInt8(stream >> (24 - 8 * UInt32($0)) & 255) } + payload
  }

  /// The types of the frames in what a server said.
  private static func types(_ bytes: [UInt8]) -> [UInt8] {
    var types: [UInt8] = []
    var index = 0
    while index + 9 <= bytes.count {
      types.append(bytes[index + 3])
      index += 9 + Int(bytes[index]) << 16 + Int(bytes[index + 1]) << 8 + Int(bytes[index + 2])
    }
    return types
  }

  /// GET or POST as literals without indexing (RFC 7541).
  private static func head(post: Bool, _ path: String) -> [UInt8] {
    [post ? 0x83 : 0x82, 0x87, 0x04, UInt8(path.utf8.count)] + Array(path.utf8) + [0x01, 0x01, UInt8(ascii: "a")]
  }

  @Test func anIdleConnectionOfHTTP2IsEnded() async throws {
    try await withServer { server in
      let settings = Self.frame(type: 4, flags: 0, stream: 0, [])
      let request = Self.frame(type: 1, flags: 0x5, stream: 1, Self.head(post: false, "/readyz"))
      for extra in [[], request] {
        let idle = try await end(
          server, protocols: ["h2"], first: ByteBuffer(bytes: Array(Self.preface.utf8) + settings + extra))
        #expect(isAbout(idle.time, Self.idle), "\(idle.time)")
        #expect(Self.types(idle.bytes).last == 7, "\(Self.types(idle.bytes))")
      }
    }
  }

  @Test func aBodyHasItsTimeInHTTP2() async throws {
    try await withServer { server in
      let begin =
        Array(Self.preface.utf8) + Self.frame(type: 4, flags: 0, stream: 0, [])
        + Self.frame(
          type: 1, flags: 0x4, stream: 1, Self.head(post: true, "/api/v1/namespaces/default/configmaps"))
      let slow = try await end(
        server, protocols: ["h2"], first: ByteBuffer(bytes: begin),
        then: ByteBuffer(bytes: Self.frame(type: 0, flags: 0, stream: 1, [UInt8(ascii: "{")])))
      #expect(slow.text.contains("Timeout: request did not complete within the allotted timeout"))
    }
  }
}
