import JSONTree
import Testing

@testable import NodeAgent

@Suite struct ProbeActionTests {
  private let container = testContainer("main", ["ports": [["name": "web", "containerPort": 8080]]])

  private func action(_ handler: JSON) throws -> ProbeAction {
    try ProbeAction(handler, container: container, address: "10.244.0.9")
  }

  @Test func handlersBecomeActions() throws {
    #expect(try action(["exec": ["command": ["a", "b"]]]) == .exec(["a", "b"]))
    #expect(try action(["sleep": ["seconds": 3]]) == .sleep(seconds: 3))
    #expect(try action(["tcpSocket": ["port": "web"]]) == .tcp(host: "10.244.0.9", port: 8080))
    #expect(try action(["tcpSocket": ["port": 1, "host": "192.0.2.3"]]) == .tcp(host: "192.0.2.3", port: 1))
    #expect(
      try action(["httpGet": ["port": "9090", "host": ""]])
        == .http(scheme: "http", host: "10.244.0.9", port: 9090, path: "/", headers: []))
    #expect(try action(["grpc": ["port": 5000]]) == .grpc(host: "10.244.0.9", port: 5000, service: ""))
    #expect(
      try action(["grpc": ["port": 5000, "service": "db"]]) == .grpc(host: "10.244.0.9", port: 5000, service: "db"))
    let headers: JSON = [["name": "X", "value": "1"]]
    #expect(
      try action(["httpGet": ["port": 443, "scheme": "HTTPS", "path": "/up?x=1", "httpHeaders": headers]])
        == .http(scheme: "https", host: "10.244.0.9", port: 443, path: "/up?x=1", headers: [["X", "1"]]))
  }

  @Test(arguments: [[:], ["tcpSocket": ["port": "none"]], ["httpGet": ["port": 0]]] as [JSON])
  func whatCannotBeDoneIsRefused(_ handler: JSON) {
    #expect(throws: NodeAgentError.self) { try action(handler) }
  }
}
