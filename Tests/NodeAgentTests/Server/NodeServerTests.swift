import ContainerRuntime
import JSONTree
import KubernetesAPI
import LinuxKernel
import Logging
import NIOSSL
import Testing

@testable import NodeAgent

/// The node's server as the API server talks to it, over TLS, with a pod that runs.
@Suite(.timeLimit(.minutes(5))) struct NodeServerTests {
  private static func request(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: node\r\n\r\n" }

  // MARK: Logs

  @Test func logsComeAndAreFollowedToTheEndOfTheContainer() async throws {
    try await withNodeServer { agent, client in
      let path = try #require(await agent.worker("web")?.logSource("main", previous: false).path)
      try KernelFile.replace(path, with: Array("t stdout F one\nt stdout F two\n".utf8))
      try await client.send(Self.request("/containerLogs/default/web/main?tailLines=1"))
      #expect(try await client.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(try await client.read(through: "0\r\n\r\n") == "4\r\ntwo\n\r\n0\r\n\r\n")
      // The connection is good for another.
      try await client.send(Self.request("/containerLogs/default/web/main?follow=true"))
      _ = try await client.read(through: "one\ntwo\n")
      agent.runtime.exit("main", code: 0)
      _ = try await client.read(through: "0\r\n\r\n")
    }
  }

  @Test(arguments: [
    ("/containerLogs/default/none/main", "HTTP/1.1 404"), ("/containerLogs/default/web/none", "HTTP/1.1 400"),
    ("/containerLogs/default/web/main?tailLines=x", "HTTP/1.1 400"),
    ("/containerLogs/default/web/main?previous=true", "HTTP/1.1 400"),
    // The fake writes no files.
    ("/containerLogs/default/web/main", "HTTP/1.1 400"), ("/exec/default/web/main?command=x&output=1", "HTTP/1.1 400"),
    ("/exec/default/web/main?command=x", "HTTP/1.1 400"), ("/attach/default/web/none?output=1", "HTTP/1.1 404"),
    ("/portForward/default/none", "HTTP/1.1 404"), ("/portForward/default/web?port=0", "HTTP/1.1 400"),
    ("/exec/default/web/none?command=x&output=1", "HTTP/1.1 404"), ("/nothing", "HTTP/1.1 404"),
    ("/healthz", "HTTP/1.1 200"), ("/flows", "HTTP/1.1 404"),
  ])
  func requestsAreAnswered(_ path: String, _ head: String) async throws {
    try await withNodeServer { _, client in
      try await client.send(Self.request(path))
      #expect(try await client.read(through: "\r\n\r\n").hasPrefix(head))
    }
  }

  @Test func theNodesOwnLogsCanBeLookedInto() async throws {
    try await withNodeServer { agent, client in
      let folder = agent.folder.path + "/system"
      try KernelFile.makeFolder(folder + "/deep")
      try KernelFile.replace(folder + "/a&b.log", with: Array("said\n".utf8))
      try KernelFile.replace(agent.folder.path + "/secret", with: Array("hidden\n".utf8))
      try await client.send(Self.request("/logs/"))
      #expect(
        try await client.read(through: "</pre>\n").hasSuffix(
          "<pre>\n<a href=\"a%26b.log\">a&amp;b.log</a>\n<a href=\"deep/\">deep/</a>\n</pre>\n"))
      try await client.send(Self.request("/logs/a%26b.log"))
      #expect(try await client.read(through: "0\r\n\r\n").hasSuffix("5\r\nsaid\n\r\n0\r\n\r\n"))
      for path in ["../secret", "none", "deep/../../secret", "a%26b.log/x"] {
        try await client.send(Self.request("/logs/\(path)"))
        #expect(try await client.read(through: "404 page not found").hasPrefix("HTTP/1.1 404"), "\(path)")
      }
    }
  }

  @Test func whatRunsAndWhatHoldsIsTold() async throws {
    try await withNodeServer { agent, client in
      agent.add(testPod("late", containers: [testContainer("never", ["image": "none:1", "imagePullPolicy": "Never"])]))
      await eventually("one waits") { agent.containerStatus("never", of: "late") != nil }
      try await client.send(Self.request("/runningpods/"))
      let running = try await client.read(through: #"{"name":"main","image":"sha256:app:1"}"#)
      #expect(running.contains(#""name":"web""#))
      try await client.send(Self.request("/configz"))
      let configuration = try await client.read(through: #""podLogsDir""#)
      #expect(configuration.contains(#""maxPods":110"#) && configuration.contains(#""cgroupRoot":"/""#))
    }
  }

  // MARK: Exec

  private static func upgrade(_ query: String) -> String {
    "GET /exec/default/web/main?\(query) HTTP/1.1\r\nHost: node\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      + "Sec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\n"
  }

  private static func begin(_ query: String, _ client: TLSClient) async throws {
    try await client.send(upgrade(query))
    let head = try await client.read(through: "\r\n\r\n")
    #expect(head.hasPrefix("HTTP/1.1 101"))
    #expect(head.contains("v5.channel.k8s.io"))
    // The first message is empty and says that the connection stands.
    #expect(try await client.readFrame() == (2, [1]))
  }

  /// The frames up to the end, as text by their stream.
  private static func rest(_ client: TLSClient) async throws -> [String] {
    var result: [String] = []
    while true {
      let (opcode, payload) = try await client.readFrame()
      guard opcode == 2 else { return result + ["end \(opcode)"] }
      result.append("\(payload[0]) \(String(decoding: payload.dropFirst(), as: UTF8.self))")
    }
  }

  @Test func aCommandReadsItsInputToTheEndAndItsCodeIsTold() async throws {
    let session = FakeSession(code: 7)
    try await withNodeServer(session) { agent, client in
      try await Self.begin("command=cat&command=-&input=1&output=1&error=1&tty=0", client)
      try await client.send(frame: [4] + Array(#"{"Width":80,"Height":24}"#.utf8))
      try await client.send(frame: [0] + Array("he".utf8))
      // A message in fragments names its stream once.
      try await client.send(frame: [0] + Array("l".utf8), isLast: false)
      try await client.send(frame: Array("lo".utf8), opcode: 0)
      try await client.send(frame: [255, 0])
      let frames = try await Self.rest(client)
      #expect(frames.prefix(3) == ["1 he", "1 llo", "2 bye"])
      let status = try JSON.parse(Array((frames.dropFirst(3).first ?? "").dropFirst(2).utf8))
      #expect(status["details"]?["causes"] == [["reason": "ExitCode", "message": "7"]])
      #expect(frames.last == "end 8")
      // Without a terminal there is no size.
      #expect(session.notes == [])
      let asked = try #require(agent.runtime.execRequests.first)
      #expect(asked.command == ["cat", "-"])
      #expect(asked.hasInput && asked.hasOutput && asked.hasErrorOutput && !asked.hasTerminal)
    }
  }

  @Test func aTerminalHasASize() async throws {
    let session = FakeSession(code: 0)
    try await withNodeServer(session) { _, client in
      try await Self.begin("command=sh&input=1&output=1&tty=1", client)
      try await client.send(frame: [4] + Array(#"{"Width":80,"Height":24}"#.utf8))
      await eventually("the size is told") { session.notes == ["80x24"] }
      try await client.send(frame: [255, 0])
      #expect(try await Self.rest(client).contains { $0.hasPrefix("3 ") && $0.contains("Success") })
    }
  }

  @Test func inputThatNobodyReadsDoesNotChangeTheEnd() async throws {
    let session = FakeSession(code: 0, readsInput: false)
    try await withNodeServer(session) { _, client in
      try await Self.begin("command=true&input=1&output=1&error=1", client)
      try await client.send(frame: [0] + Array("unread".utf8))
      // The answer to a ping says that what came before it was taken.
      try await client.send(frame: Array("x".utf8), opcode: 9)
      #expect(try await client.readFrame().opcode == 10)
      session.end()
      #expect(try await Self.rest(client).contains { $0.hasPrefix("3 ") && $0.contains("Success") })
    }
  }

  @Test func aCommandThatCannotBeginIsTold() async throws {
    try await withNodeServer(nil) { _, client in
      try await Self.begin("command=none&output=1", client)
      let frames = try await Self.rest(client)
      #expect(frames.first?.contains("the fake has no sessions") == true)
      #expect(frames.last == "end 8")
    }
  }

  @Test func aContainerThatDoesNotRunIsNotUpgraded() async throws {
    try await withNodeServer { agent, client in
      agent.runtime.fail("start main", with: ContainerRuntimeError(.unknown(2), "no"))
      agent.runtime.exit("main", code: 1)
      await eventually("it waits") { agent.waitingReason("main") != nil }
      try await client.send(Self.upgrade("command=x&output=1"))
      #expect(try await client.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 404"))
    }
  }
}
