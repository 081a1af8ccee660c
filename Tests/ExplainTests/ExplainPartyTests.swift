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
}
