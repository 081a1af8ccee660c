import APIServer
import Foundation
import HTTPTypes
import NIOCore
import NIOPosix
import Testing

/// Echoes what it is asked; `/tunnel` leads to a server that says what it hears in capitals.
private struct Echo: RequestHandling {
  var tunnelPort = 0

  func handle(_ request: APIServerRequest) async -> APIServerResponse {
    switch request.target {
    case "/stream":
      return APIServerResponse(body: .stream(Counting()))
    case "/unauthorized":
      return APIServerResponse(APIStatus(code: 401, reason: "Unauthorized", message: "Unauthorized"))
    case "/tunnel":
      let peer = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .channelOption(.autoRead, value: false).connect(host: "127.0.0.1", port: tunnelPort).get()
      guard let peer else { return APIServerResponse(text: "no tunnel", code: 502) }
      return APIServerResponse(
        status: .switchingProtocols, headers: [.connection: "Upgrade", .upgrade: "caps"], body: .tunnel(peer))
    default:
      let user = request.user.map { "\($0.name) \($0.groups)" } ?? "nobody"
      return APIServerResponse(text: "\(request.method) \(request.target) \(request.body.readableBytes) \(user)")
    }
  }
}

private final class Counting: ResponseStream {
  private let counter = NIOLoopBoundBox<Int>.makeBoxSendingValue(0, eventLoop: MultiThreadedEventLoopGroup.singleton.any())
  func next() async throws -> ByteBuffer? {
    try await counter.eventLoop.submit { [counter] in
      counter.value += 1
      return counter.value <= 3 ? ByteBuffer(string: "part \(counter.value)\n") : nil
    }.get()
  }
  func cancel() {}
}

private final class Capitals: ChannelInboundHandler, Sendable {
  typealias InboundIn = ByteBuffer
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let text = String(buffer: unwrapInboundIn(data)).uppercased()
    context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
  }
}

@Suite struct HTTPServerTests {
  /// Runs `body` with a folder of PEM files and the port of a server on loopback.
  private func withServer(_ body: (String, Int) async throws -> Void) async throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let identity = try ClusterIdentity(directory: directory)
    let administrator = try identity.administrator()
    for (name, text) in [
      ("ca.crt", identity.authority.certificate), ("admin.crt", administrator.certificate),
      ("admin.key", administrator.privateKey),
    ] { try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8) }
    let capitals = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in channel.pipeline.addHandler(Capitals()) }
      .bind(host: "127.0.0.1", port: 0).get()
    let server = HTTPServer(
      configuration: .init(
        host: "127.0.0.1", port: 0,
        identity: try identity.serverCertificate(addresses: [], names: [], clusterDomain: "cluster.local"),
        clientAuthority: identity.authority.certificate),
      handler: Echo(tunnelPort: capitals.localAddress?.port ?? 0))
    try await withThrowingTaskGroup { group in
      group.addTask { try await server.run() }
      try await body(directory, try await server.port)
      group.cancelAll()
      try? await group.waitForAll()
    }
    try await capitals.close()
  }

  /// On a thread of its own: the server under test needs the few threads that tasks share.
  private func curl(_ directory: String, _ arguments: [String]) async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Result {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
            process.arguments =
              ["-sS", "--max-time", "10", "--noproxy", "*", "--cacert", "\(directory)/ca.crt"] + arguments
            let output = Pipe()
            process.standardOutput = output
            process.standardError = output
            try process.run()
            let data = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return String(decoding: data, as: UTF8.self)
          })
      }
    }
  }

  @Test(arguments: ["--http1.1", "--http2"]) func bothVersionsReachTheSameHandler(version: String) async throws {
    try await withServer { directory, port in
      let admin = ["--cert", "\(directory)/admin.crt", "--key", "\(directory)/admin.key"]
      let url = "https://127.0.0.1:\(port)"
      try await #expect(
        curl(directory, admin + [version, "-d", "body", "\(url)/a?b=c"])
          == "POST /a?b=c 4 kubernetes-admin [\"system:masters\", \"system:authenticated\"]")
      try await #expect(curl(directory, [version, "\(url)/x"]) == "GET /x 0 nobody")
      try await #expect(curl(directory, [version, "\(url)/stream"]) == "part 1\npart 2\npart 3\n")
      try await #expect(curl(directory, [version, "-I", "\(url)/x"]).contains("200"))
      try await #expect(
        curl(directory, [version, "-o", "/dev/null", "-w", "%{http_code} %{http_version}", "\(url)/unauthorized"])
          .hasPrefix("401 " + (version == "--http2" ? "2" : "1.1")))
    }
  }

  @Test func aBodyBeyondTheLimitIsRefused() async throws {
    try await withServer { directory, port in
      let file = "\(directory)/large"
      try Data(count: (3 << 20) + 1).write(to: URL(fileURLWithPath: file))
      let answer = try await curl(
        directory, ["--http1.1", "-H", "Expect:", "--data-binary", "@\(file)", "https://127.0.0.1:\(port)/"])
      #expect(answer.contains("RequestEntityTooLarge"))
    }
  }

  @Test func anUpgradeBecomesATunnel() async throws {
    try await withServer { directory, port in
      // Sent as one piece: what follows the request's head belongs to the tunnel already.
      let request = "GET /tunnel HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: caps\r\n\r\nearly bird"
      let heard = try await talk(directory, port, saying: request) { $0.contains("BIRD") }
      #expect(heard.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
      #expect(heard.contains("\r\n\r\nEARLY BIRD"))
    }
  }

  /// What the server says over TLS until `isEnough` or it closes.
  private func talk(
    _ directory: String, _ port: Int, saying text: String, until isEnough: @escaping @Sendable (String) -> Bool
  ) async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Result {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
            process.arguments = [
              "s_client", "-quiet", "-CAfile", "\(directory)/ca.crt", "-connect", "127.0.0.1:\(port)",
            ]
            let (input, output) = (Pipe(), Pipe())
            process.standardInput = input
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            input.fileHandleForWriting.write(Data(text.utf8))
            var heard = ""
            while !isEnough(heard) {
              let part = output.fileHandleForReading.availableData
              if part.isEmpty { break }
              heard += String(decoding: part, as: UTF8.self)
            }
            process.terminate()
            return heard
          })
      }
    }
  }
}
