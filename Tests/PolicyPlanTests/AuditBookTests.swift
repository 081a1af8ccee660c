import ClusterModel
import KubernetesAPI
import NetworkTypes
import Testing

@testable import PolicyPlan

@Suite struct AuditBookTests {
  private func denial(_ pod: String, by policies: [String] = ["deny"], port: UInt16 = 80) -> PolicyDenial {
    let flow = PolicyFlow(
      from: FlowParty(IPAddress("10.244.1.2")!), to: FlowParty(IPAddress("10.244.1.3")!), .tcp, port)
    return PolicyDenial(
      .ingress, of: ObjectName(namespace: "shop", name: pod),
      by: policies.map { ObjectName(namespace: "shop", name: $0) }, flow)
  }

  @Test func whatIsFoundAgainIsCounted() {
    var book = AuditBook()
    let isNew = [
      book.add(denial("web"), at: Timestamp(seconds: 1)), book.add(denial("web"), at: Timestamp(seconds: 5)),
      book.add(denial("web", port: 81), at: Timestamp(seconds: 6)),
    ]
    #expect(isNew == [true, false, true])
    #expect(
      book.findings[denial("web")]
        == AuditBook.Tally(count: 2, first: Timestamp(seconds: 1), last: Timestamp(seconds: 5)))
    #expect(denial("web").words == "tried out only, it would deny ingress of pod shop/web from 10.244.1.2, TCP port 80")
  }

  @Test func theLongestUnseenMakesRoomAndIsCounted() {
    var book = AuditBook(capacity: 8)
    for number in 0..<8 { book.add(denial("p\(number)"), at: Timestamp(seconds: Int64(number))) }
    book.add(denial("p0"), at: Timestamp(seconds: 20))
    book.add(denial("new"), at: Timestamp(seconds: 21))
    #expect(book.findings.count == 8 && book.forgotten == 1)
    #expect(book.findings[denial("p1")] == nil && book.findings[denial("p0")]?.count == 2)
  }

  @Test func policiesThatAreEnforcedByNowAreDropped() {
    var book = AuditBook()
    book.add(denial("web", by: ["a", "b"]), at: Timestamp(seconds: 1))
    book.add(denial("api", by: ["a"]), at: Timestamp(seconds: 1))
    book.keep { $0.name == "b" }
    #expect(book.findings.keys.map(\.pod.name) == ["web"])
    #expect(denial("web", by: ["a", "b"]).keeping { $0.name == "b" } == denial("web", by: ["b"]))
    #expect(denial("api", by: ["a"]).keeping { $0.name == "b" } == nil)
  }
}
