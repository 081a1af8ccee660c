import KubernetesAPI
import NetworkTypes
import Testing

@testable import Explain

@Suite struct ExplainPartyTests {
  @Test func partiesAreReadAsPeopleWriteThem() throws {
    let web = ObjectName(namespace: "shop", name: "web")
    #expect(try ExplainSource("pod/web", namespace: "shop") == .pod(web))
    #expect(try ExplainSource("pod/web.shop", namespace: "other") == .pod(web))
    #expect(try ExplainSource("node/worker-1", namespace: "x") == .node("worker-1"))
    #expect(try ExplainSource("192.0.2.1", namespace: "x") == .address(IPAddress(v4: 192, 0, 2, 1)))
    for text in ["web", "pod/", "svc/web", "node/", ""] {
      #expect(throws: ExplainError.self) { try ExplainSource(text, namespace: "x") }
    }
  }

  @Test func targetsHavePorts() throws {
    let target = try ExplainTarget("svc/api.billing:http", namespace: "shop")
    #expect(target.place == .service(ObjectName(namespace: "billing", name: "api")))
    #expect(target.port == .name("http"))
    #expect(
      try ExplainTarget("pod/db:5432", namespace: "shop").place == .pod(ObjectName(namespace: "shop", name: "db")))
    #expect(try ExplainTarget("[fd00::1]:80", namespace: "x").place == .address(#require(IPAddress("fd00::1"))))
    #expect(try ExplainTarget("db.billing:80", namespace: "x").place == .name("db.billing"))
    for text in ["svc/web", "svc/web:", "svc/web:0", ":80", "[fd00::1]", "what/web:80", "svc/:80", "[10.0.0.12:80"] {
      #expect(throws: ExplainError.self, "\(text)") { try ExplainTarget(text, namespace: "x") }
    }
  }

  @Test func socketsAreReadAsTheKernelPrintsThem() {
    let text = """
        sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
         0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
         1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1
         2: 0201F40A:0016 0301F40A:A0B2 01 00000000:00000000 00:00000000 00000000     0        0 3 1
      """
    let sockets = ListeningSocket.parse(text, .tcp, "0A")
    #expect(
      sockets == [
        ListeningSocket(.tcp, IPAddress(v4: 127, 0, 0, 1), 8080), ListeningSocket(.tcp, IPAddress(v4: 0, 0, 0, 0), 22),
      ])
    #expect(!sockets[0].takes(IPAddress(v4: 10, 244, 1, 2)) && sockets[1].takes(IPAddress(v4: 10, 244, 1, 2)))
    let six = ListeningSocket.parse(
      "head\n 0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A x", .tcp, "0A")
    let mapped = ListeningSocket.parse(
      "head\n 0: 0000000000000000FFFF00000201F40A:0050 00000000000000000000000000000000:0000 0A x", .tcp, "0A")
    #expect(mapped.first?.address == IPAddress(v4: 10, 244, 1, 2))
    #expect(six.first?.takes(IPAddress(v4: 10, 244, 1, 2)) == true)
  }
}
