import JSONTree
import NIOCore
import NIOWebSocket
import Testing

@testable import NodeAgent

@Suite struct NodeRequestTests {
  @Test(
    arguments: [
      ("/healthz", .healthz), ("/pods", .pods), ("/flows?follow=true", .flows),
      ("/containerLogs/ns/pod/c?follow=true", .logs(namespace: "ns", pod: "pod", container: "c")),
      ("/exec/ns/pod/c?command=a", .exec(namespace: "ns", pod: "pod", container: "c")),
      ("/exec/ns/pod/uid/c", .exec(namespace: "ns", pod: "pod", container: "c")),
      ("/attach/ns/pod/c?output=1", .attach(namespace: "ns", pod: "pod", container: "c")),
      ("/portForward/ns/pod?port=80", .portForward(namespace: "ns", pod: "pod")),
      ("/run/ns/pod/c", .unknown), ("/", .unknown), ("/containerLogs/ns/pod", .unknown),
    ] as [(String, NodeRequest.Route)])
  func routes(_ uri: String, _ route: NodeRequest.Route) { #expect(NodeRequest(uri: uri).route == route) }

  @Test func queriesAreDecodedInOrder() {
    let request = NodeRequest(uri: "/exec/n/p/c?command=sh&command=-c&command=echo+%24A%26B&input=1&tty=false&x")
    #expect(request.query["command"] == ["sh", "-c", "echo $A&B"])
    #expect(request.flag("input"))
    #expect(!request.flag("tty"))
    #expect(!request.flag("output"))
    #expect(request.query["x"] == [""])
  }

  @Test func anExitCodeIsToldAsKubectlReadsIt() throws {
    #expect(RemoteCommand.Outcome.exited(0).status["status"] == "Success")
    let status = RemoteCommand.Outcome.exited(3).status
    #expect(status["reason"] == "NonZeroExitCode")
    #expect(status["details"]?["causes"] == [["reason": "ExitCode", "message": "3"]])
    #expect(RemoteCommand.Outcome.failed("no").status["message"] == "Internal error occurred: no")
    // Before version 4 only failures are told, in words.
    #expect(RemoteCommand.Outcome.exited(0).text(hasStatus: false) == nil)
    let text = try #require(RemoteCommand.Outcome.failed("no").text(hasStatus: false))
    #expect(String(decoding: text, as: UTF8.self) == "Internal error occurred: no")
  }

  @Test func aSubprotocolIsTheClientsFirstThatIsKnown() {
    #expect(ChannelProtocol.choose(["x", "v4.channel.k8s.io", "v5.channel.k8s.io"])?.name == "v4.channel.k8s.io")
    #expect(ChannelProtocol.choose([]) == .unnamed)
    #expect(ChannelProtocol.choose(["x"]) == nil)
    #expect(ChannelProtocol.choose(["v5.channel.k8s.io"], among: ChannelProtocol.forwarding) == nil)
  }

  @Test func messagesNameTheirChannelInBytesOrInBase64() throws {
    let bytes = ByteBuffer(string: "hi")
    let plain = ChannelProtocol(name: "v4.channel.k8s.io").frame(2, bytes)
    #expect(plain.opcode == .binary && Array(plain.data.readableBytesView) == [2] + Array("hi".utf8))
    let base64 = ChannelProtocol(name: "base64.channel.k8s.io")
    let text = base64.frame(2, bytes)
    #expect(text.opcode == .text && String(buffer: text.data) == "2aGk=")
    let parsed = try #require(base64.parse(text))
    #expect(parsed.channel == 2 && parsed.bytes == bytes)
    #expect(base64.parse(WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: "2?"))) == nil)
    #expect(RemoteCommand.size(Array(#"{"Width":80,"Height":24}"#.utf8)) == .resize(width: 80, height: 24))
    #expect(RemoteCommand.size(Array("no".utf8)) == nil)
  }
}
