import ContainerRuntime
import Glibc
import JSONTree
import NIOCore
import NIOPosix
import SPDY
import Testing

@testable import NodeAgent

/// Streams of the node's server: commands over SPDY, ports of a pod over SPDY, in a WebSocket and over WebSocket channels.
@Suite(.timeLimit(.minutes(5))) struct NodeStreamTests {
  private static func spdy(_ path: String, _ versions: [String]) -> String {
    "POST \(path) HTTP/1.1\r\nHost: node\r\nContent-Length: 0\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n"
      + versions.map { "X-Stream-Protocol-Version: \($0)\r\n" }.joined() + "\r\n"
  }

  private static func webSocket(_ path: String, _ subprotocol: String) -> String {
    "GET \(path) HTTP/1.1\r\nHost: node\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      + "Sec-WebSocket-Protocol: \(subprotocol)\r\n\r\n"
  }

  private static func peer(_ client: TLSClient) throws -> SPDYPeer {
    try SPDYPeer(send: { try await client.send(Array($0.readableBytesView)) }, receive: { try await client.readSome() })
  }

  // MARK: Commands

  @Test(arguments: [("exec", "&command=cat"), ("attach", "")])
  func aCommandHasAStreamForEachOfItsOwn(_ path: String, _ query: String) async throws {
    try await withNodeServer(FakeSession(code: 7)) { _, client in
      let path = "/\(path)/default/web/main?input=1&output=1&error=1\(query)"
      try await client.send(Self.spdy(path, ["v5.channel.k8s.io", "v4.channel.k8s.io", "v3.channel.k8s.io"]))
      let head = try await client.read(through: "\r\n\r\n")
      #expect(head.hasPrefix("HTTP/1.1 101") && head.contains("v4.channel.k8s.io"))
      var peer = try Self.peer(client)
      let error = try await peer.open(["streamtype": "error"])
      let input = try await peer.open(["streamtype": "stdin"])
      let output = try await peer.open(["streamtype": "stdout"])
      let errorOutput = try await peer.open(["streamtype": "stderr"])
      try await peer.write("hello", on: input)
      try await peer.read { $0.text[output] == "hello" }
      try await peer.write("", on: input, isLast: true)
      try await peer.read { $0.ended.isSuperset(of: [error, output, errorOutput]) }
      #expect(peer.text[errorOutput] == "bye")
      let status = try JSON.parse(Array((peer.text[error] ?? "").utf8))
      #expect(status["details"]?["causes"] == [["reason": "ExitCode", "message": "7"]])
    }
  }

  @Test func anOldClientIsToldOfFailureInWords() async throws {
    try await withNodeServer(nil) { _, client in
      try await client.send(Self.spdy("/exec/default/web/main?output=1&command=x", []))
      #expect(try await client.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 101"))
      var peer = try Self.peer(client)
      let error = try await peer.open(["streamtype": "error"])
      _ = try await peer.open(["streamtype": "stdout"])
      try await peer.read { $0.ended.contains(error) }
      #expect(
        peer.text[error]
          == "Internal error occurred: error executing command in container: the fake has no sessions")
    }
  }

  @Test(arguments: [
    ("/exec/default/web/main?output=1&command=x", ["v9"], "HTTP/1.1 403"),
    ("/exec/default/web/none?output=1&command=x", ["v4.channel.k8s.io"], "HTTP/1.1 404"),
    ("/exec/default/web/main?output=1", ["v4.channel.k8s.io"], "HTTP/1.1 400"),
    ("/portForward/default/none", ["portforward.k8s.io"], "HTTP/1.1 404"),
  ])
  func whatCannotBeServedIsRefused(_ path: String, _ versions: [String], _ line: String) async throws {
    try await withNodeServer { _, client in
      try await client.send(Self.spdy(path, versions))
      #expect(try await client.read(through: "\r\n\r\n").hasPrefix(line))
    }
  }

  // MARK: Ports

  /// Runs `body` beside a server that sends back what it gets, and then says `bye`.
  private func withEcho(_ body: (UInt16) async throws -> Void) async throws {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Echo()) }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(server.localAddress?.port)
    do { try await body(UInt16(port)) } catch {
      try await server.close()
      throw error
    }
    try await server.close()
  }

  /// Asserts what every way of forwarding has in common.
  private static func forward(_ peer: inout SPDYPeer, to port: UInt16, closed: UInt16) async throws {
    func pair(_ port: UInt16, _ id: String) async throws -> (data: UInt32, error: UInt32) {
      let error = try await peer.open(["streamtype": "error", "port": "\(port)", "requestID": id])
      let data = try await peer.open(["streamtype": "data", "port": "\(port)", "requestID": id])
      return (data, error)
    }
    let first = try await pair(port, "0")
    try await peer.write("one", on: first.data)
    try await peer.read { $0.text[first.data] == "one" }
    // Another that fails says why, and leaves the first alone.
    let second = try await pair(closed, "1")
    try await peer.read { $0.ended.isSuperset(of: [second.data, second.error]) }
    let reason = peer.text[second.error] ?? ""
    #expect(reason.hasPrefix("error forwarding port \(closed) to pod web_default"))
    #expect(reason.contains("refused"))
    try await peer.write("two", on: first.data, isLast: true)
    try await peer.read { $0.ended.isSuperset(of: [first.data, first.error]) }
    #expect(peer.text[first.data] == "onetwobye")
    #expect(peer.text[first.error] == nil)
  }

  private func closedPort() throws -> UInt16 {
    let (socket, port) = try ListeningSocket.open()
    close(socket)
    return UInt16(port)
  }

  @Test func portsAreForwardedOverSPDY() async throws {
    let closed = try closedPort()
    try await withEcho { port in
      try await withNodeServer { _, client in
        try await client.send(Self.spdy("/portForward/default/web", ["portforward.k8s.io"]))
        let head = try await client.read(through: "\r\n\r\n")
        #expect(head.hasPrefix("HTTP/1.1 101") && head.contains("portforward.k8s.io"))
        var peer = try Self.peer(client)
        try await Self.forward(&peer, to: port, closed: closed)
      }
    }
  }

  @Test func portsAreForwardedOverSPDYInAWebSocket() async throws {
    let closed = try closedPort()
    try await withEcho { port in
      try await withNodeServer { _, client in
        try await client.send(Self.webSocket("/portForward/default/web", "SPDY/3.1+portforward.k8s.io"))
        let head = try await client.read(through: "\r\n\r\n")
        #expect(head.hasPrefix("HTTP/1.1 101") && head.contains("SPDY/3.1+portforward.k8s.io"))
        // Frames of SPDY have nothing to do with those of the WebSocket.
        var peer = try SPDYPeer(
          send: { bytes in
            for byte in bytes.readableBytesView { try await client.send(frame: [byte]) }
          },
          receive: {
            let (opcode, payload) = try await client.readFrame()
            return opcode == 2 ? payload : []
          })
        try await Self.forward(&peer, to: port, closed: closed)
      }
    }
  }

  @Test func portsAreForwardedOverChannels() async throws {
    let closed = try closedPort()
    try await withEcho { port in
      try await withNodeServer { _, client in
        let path = "/portForward/default/web?port=\(port),\(closed)"
        try await client.send(Self.webSocket(path, "v4.channel.k8s.io"))
        #expect(try await client.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 101"))
        for (channel, number) in [(UInt8(0), port), (1, port), (2, closed), (3, closed)] {
          let frame = try await client.readFrame()
          #expect(frame.payload == [channel, UInt8(truncatingIfNeeded: number), UInt8(number >> 8)])
        }
        try await client.send(frame: [0] + Array("hi".utf8))
        var seen: [UInt8: String] = [:]
        while seen[0] != "hi" || seen[3] == nil {
          let (_, payload) = try await client.readFrame()
          seen[payload[0], default: ""] += String(decoding: payload.dropFirst(), as: UTF8.self)
        }
        #expect(seen[3]?.hasPrefix("error forwarding port \(closed)") == true)
      }
    }
  }
}

private final class Echo: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    context.channel.writeAndFlush(unwrapInboundIn(data), promise: nil)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .some(ChannelEvent.inputClosed) = event as? ChannelEvent else { return }
    let channel = context.channel
    channel.writeAndFlush(ByteBuffer(string: "bye")).whenComplete { _ in channel.close(promise: nil) }
  }
}
