import KubernetesAPI
import NetworkTypes
import Testing

@testable import FlowLog

@Suite struct FlowFilterTests {
  private static var record: FlowRecord {
    var record = FlowRecord(
      node: "node-1", status: .live, transport: "TCP",
      from: FlowEnd(
        IPAddress(v4: 10, 244, 1, 2), 40_000, pod: ObjectName(namespace: "shop", name: "client"), node: "node-1"),
      to: FlowEnd(IPAddress(v4: 10, 244, 2, 3), 8080, pod: ObjectName(namespace: "shop", name: "web"), node: "node-2"),
      until: Timestamp(seconds: 1))
    record.requested = SocketEndpoint(IPAddress(v4: 10, 96, 0, 7), 80)
    record.service = FlowService(ObjectName(namespace: "shop", name: "web"), port: 80)
    return record
  }

  private static func takes(from: String? = nil, to: String? = nil, _ more: [String: String] = [:]) throws -> Bool {
    var query = ["namespace": "shop"].merging(more) { $1 }
    query["from"] = from
    query["to"] = to
    return try FlowFilter(query: query).takes(record)
  }

  @Test(arguments: ["pod/client", "pod/client.shop", "10.244.1.2", "10.244.1.2:40000", "10.244.0.0/16", "0.0.0.0/0"])
  func itsSenderIsMeantBy(_ from: String) throws { #expect(try Self.takes(from: from)) }

  @Test(arguments: [
    "pod/web", "pod/client.other", "10.244.1.3", "10.244.1.2:1", "10.245.0.0/16", "node/node-1", "fd00::/8",
  ])
  func itsSenderIsNotMeantBy(_ from: String) throws { #expect(try !Self.takes(from: from)) }

  @Test(arguments: [
    "svc/web", "svc/web.shop:80", "svc/web:8080", "service/web", "pod/web", "pod/web:8080", "10.96.0.7", "10.96.0.7:80",
    "10.244.2.3:8080", "10.96.0.0/12",
  ]) func itsTargetIsMeantBy(_ to: String) throws { #expect(try Self.takes(to: to)) }

  @Test(arguments: ["svc/api", "svc/web.other", "svc/web:81", "pod/client", "10.96.0.8", "10.96.0.7:81", "node/node-2"])
  func itsTargetIsNotMeantBy(_ to: String) throws { #expect(try !Self.takes(to: to)) }

  @Test func onlyDropsAreDropped() throws { #expect(try !Self.takes(["dropped": "true"])) }

  @Test func addressesOfIPv6HaveTheirPortBehindBrackets() throws {
    #expect(try FlowPlace("fd00::1", namespace: "").party == .block(CIDR("fd00::1/128")!))
    let place = try FlowPlace("[fd00::1]:80", namespace: "")
    #expect(place.party == .block(CIDR("fd00::1/128")!) && place.port == 80)
    #expect(try FlowPlace("fd00::/64", namespace: "").port == nil)
  }

  @Test(arguments: [
    "", "web", "pod/", "pod/.shop", "pod/a.", "svc/", "node/", "10.244.1", "10.244.0.0/99", "10.1.2.3:0", "10.1.2.3:x",
    "[fd00::1]:", "deployment/web", ":80",
  ]) func whatIsNobodyIsRefused(_ text: String) {
    #expect(throws: FlowQuestionError.self) { try FlowPlace(text, namespace: "shop") }
  }

  @Test func aServiceSendsNothing() {
    #expect(throws: FlowQuestionError.self) { try FlowFilter(query: ["from": "svc/web"]) }
  }
}
