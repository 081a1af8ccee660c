import JSONTree
import Testing

@testable import NodeAgent

@Suite struct NodeRequestTests {
  @Test(
    arguments: [
      ("/healthz", .healthz), ("/pods", .pods),
      ("/containerLogs/ns/pod/c?follow=true", .logs(namespace: "ns", pod: "pod", container: "c")),
      ("/exec/ns/pod/c?command=a", .exec(namespace: "ns", pod: "pod", container: "c")),
      ("/exec/ns/pod/uid/c", .exec(namespace: "ns", pod: "pod", container: "c")),
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

  @Test func anExitCodeIsToldAsKubectlReadsIt() {
    #expect(RemoteCommand.status(exitCode: 0)["status"] == "Success")
    let status = RemoteCommand.status(exitCode: 3)
    #expect(status["reason"] == "NonZeroExitCode")
    #expect(status["details"]?["causes"] == [["reason": "ExitCode", "message": "3"]])
    #expect(RemoteCommand.status(failure: "no")["reason"] == "InternalError")
  }
}
