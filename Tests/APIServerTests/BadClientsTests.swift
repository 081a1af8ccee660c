import APIClient
import Foundation
import JSONTree
import KubernetesAPI
import LinuxKernel
import NIOCore
import NIOPosix
import NIOSSL
import Testing

/// Clients that mean harm or do not care, on the port of a server process of their own: whoever behaves is answered all the
/// while, and the memory they cost comes back.
@Suite(.serialized, .timeLimit(.minutes(5))) struct BadClientsTests {
  private static let group = MultiThreadedEventLoopGroup.singleton

  /// Runs `body`, asks the server something now and then, and compares its memory before and after.
  /// - Parameter most: Megabytes that it may have more while `body` runs; afterwards half of that may be left.
  private func withServer(
    most: Double, _ body: (ServerProgram, ServerProgram.Running) async throws -> Void
  ) async throws {
    try OpenFileLimit.raise()
    let program = try await ServerProgram()
    defer { program.remove() }
    let server = try await program.start()
    let before = try Self.resident(server)
    let asking = Task {
      var worst = Duration.zero
      var largest = 0.0
      while !Task.isCancelled {
        let begin = ContinuousClock.now
        do { _ = try await server.client.get(.namespaces, name: "default") } catch is CancellationError { break }
        worst = max(worst, .now - begin)
        largest = max(largest, try Self.resident(server))
        try? await Task.sleep(for: .milliseconds(50))
      }
      return (worst, largest)
    }
    do {
      try await body(program, server)
    } catch {
      asking.cancel()
      try await server.kill()
      throw error
    }
    asking.cancel()
    let (worst, largest) = try await asking.value
    #expect(worst < .seconds(10), "an answer took \(worst)")
    #expect(largest < before + most, "\(before) MB became \(largest) MB")
    // What is closed is let go soon.
    var after = try Self.resident(server)
    for _ in 0..<100 where after > before + most / 2 {
      try await Task.sleep(for: .milliseconds(100))
      after = try Self.resident(server)
    }
    #expect(after <= before + most / 2, "\(before) MB stayed \(after) MB")
    try await server.kill()
  }

  private static func resident(_ server: ServerProgram.Running) throws -> Double {
    let text = try String(contentsOfFile: "/proc/\(server.process.pid)/status", encoding: .utf8)
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    let kibibytes = line.flatMap { Double($0.split(whereSeparator: \.isWhitespace)[1]) }
    return (kibibytes ?? 0) * 1024 / 1e6
  }

  /// A connection whose handshake is over, with what it shall do.
  private static func connect(
    _ program: ServerProgram, protocols: [String] = ["http/1.1"]
  ) async throws -> any Channel {
    let configuration = try Kubeconfig(path: "\(program.folder)/kubeconfig").configuration()
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.applicationProtocols = protocols
    tls.certificateVerification = .none
    tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(configuration.clientCertificate ?? [])
      .map { .certificate($0) }
    tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: configuration.clientKey ?? [], format: .pem))
    let context = try NIOSSLContext(configuration: tls)
    return try await ClientBootstrap(group: group)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
        }
      }
      .connect(host: "127.0.0.1", port: Int(program.port)).get()
  }

  @Test func tenThousandConnectionsThatSayNothing() async throws {
    try await withServer(most: 500) { program, server in
      var channels: [any Channel] = []
      for _ in 0..<100 {
        let more = try await withThrowingTaskGroup(of: (any Channel).self) { group in
          for _ in 0..<100 {
            group.addTask {
              try await ClientBootstrap(group: Self.group).connect(host: "127.0.0.1", port: Int(program.port)).get()
            }
          }
          return try await group.reduce(into: [any Channel]()) { $0.append($1) }
        }
        channels += more
      }
      #expect(channels.count == 10_000)
      // While they are there others come in.
      let another = try await Self.connect(program)
      try await another.writeAndFlush(ByteBuffer(string: "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"))
      try await another.close()
      _ = try await server.client.list(.namespaces)
      for channel in channels { channel.close(promise: nil) }
    }
  }

  /// Connections that are there, each with its keys: they cost memory, within a bound, and give it back. Ten thousand would
  /// take a debug build more than a minute of handshakes.
  @Test func twoThousandConnectionsThatAreEstablished() async throws {
    try await withServer(most: 180) { program, server in
      var channels: [any Channel] = []
      for _ in 0..<20 {
        let more = try await withThrowingTaskGroup(of: (any Channel).self) { group in
          for _ in 0..<100 {
            group.addTask {
              let channel = try await Self.connect(program)
              // A request on each: what answers it has gone through the handshake.
              try await channel.writeAndFlush(ByteBuffer(string: "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"))
              return channel
            }
          }
          return try await group.reduce(into: [any Channel]()) { $0.append($1) }
        }
        channels += more
      }
      #expect(channels.count == 2_000)
      _ = try await server.client.list(.namespaces)
      #expect(channels.filter(\.isActive).count == 2_000)
      for channel in channels { channel.close(promise: nil) }
    }
  }

  /// Streams that are opened and reset at once (CVE-2023-44487), by the ten thousand on each connection.
  @Test func rapidResets() async throws {
    try await withServer(most: 250) { program, _ in
      for _ in 0..<3 {
        let channel = try await Self.connect(program, protocols: ["h2"])
        var frames = ByteBuffer(string: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        Self.frame(type: 4, flags: 0, stream: 0, [], into: &frames)
        // GET, https, path and authority as literals without indexing (RFC 7541).
        let path = Array("/api/v1/namespaces/default/configmaps?watch=true".utf8)
        let head: [UInt8] = [0x82, 0x87, 0x04, UInt8(path.count)] + path + [0x01, 0x01, UInt8(ascii: "a")]
        for index in 0..<10_000 {
          let stream = UInt32(index * 2 + 1)
          Self.frame(type: 1, flags: 0x5, stream: stream, head, into: &frames)
          Self.frame(type: 3, flags: 0, stream: stream, [0, 0, 0, 8], into: &frames)
          if frames.readableBytes > 64 << 10 || index == 9_999 {
            // The server may have hung up already, which is one way to bear it.
            guard (try? await channel.writeAndFlush(frames)) != nil else { break }
            frames.clear()
          }
        }
        channel.close(promise: nil)
      }
    }
  }

  private static func frame(
    type: UInt8, flags: UInt8, stream: UInt32, _ payload: [UInt8], into buffer: inout ByteBuffer
  ) {
    buffer.writeBytes([UInt8(payload.count >> 16 & 255), UInt8(payload.count >> 8 & 255), UInt8(payload.count & 255)])
    buffer.writeBytes([type, flags])
    buffer.writeInteger(stream)
    buffer.writeBytes(payload)
  }

  /// A watch of large objects whose client takes nothing from its connection: it is cut off behind a bound.
  @Test func aWatchThatIsNotRead() async throws {
    try await withServer(most: 400) { program, server in
      let channel = try await Self.connect(program)
      try await channel.writeAndFlush(
        ByteBuffer(
          string: "GET /api/v1/namespaces/default/configmaps?watch=true HTTP/1.1\r\nHost: a\r\n\r\n"))
      try await Task.sleep(for: .milliseconds(300))
      try await channel.setOption(.autoRead, value: false).get()
      let filler = JSON.string(String(repeating: "x", count: 1_000_000))
      var object: JSON = ["metadata": ["name": "large", "namespace": "default"], "data": ["x": filler]]
      object = try await server.client.create(.configMaps, object)
      for index in 0..<100 {
        object[path: "data", "n"] = .string("\(index)")
        object = try await server.client.update(.configMaps, object)
      }
      try await server.client.delete(.configMaps, namespace: "default", name: "large")
      channel.close(promise: nil)
    }
  }

  /// Heads and bodies that never end hold up nobody but their own connections.
  @Test func requestsThatNeverEnd() async throws {
    try await withServer(most: 250) { program, server in
      var channels: [any Channel] = []
      for index in 0..<300 {
        let channel = try await Self.connect(program)
        let text =
          index.isMultiple(of: 2)
          ? "GET /api/v1/pods HTTP/1.1\r\nHost: a\r\nX-Slow: "
          : "POST \(ResourceKind.configMaps.collectionPath(namespace: "default")) HTTP/1.1\r\nHost: a\r\n"
            + "Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{"
        try await channel.writeAndFlush(ByteBuffer(string: text))
        channels.append(channel)
      }
      let made = try await server.client.create(
        .configMaps, ["metadata": ["name": "a", "namespace": "default"], "data": ["a": "b"]])
      #expect(made.name == "a")
      for channel in channels { channel.close(promise: nil) }
    }
  }
}
