import Conntrack
import NetworkTypes
import ServicePlan
import Testing

@testable import ServiceProxy

@Suite struct FlowBookTests {
  private let address = ServiceAddress(IPAddress("10.96.0.20")!, .udp, 53)
  private let endpoint = at("10.244.2.1", 5353)

  private func flow(answeredBy source: SocketEndpoint, from client: String = "10.244.1.2") -> ConntrackFlow {
    ConntrackFlow(
      .udp, from: at(client, 40_000), to: SocketEndpoint(address.address, address.port), answerSource: source,
      answerDestination: at(client, 40_000))
  }

  @Test func flowsOfEndpointsGoOn() {
    var book = FlowBook()
    book.replace(.v4, with: [address: .answeredBy([endpoint])])
    #expect(!book.isStale(flow(answeredBy: endpoint)))
    #expect(book.isStale(flow(answeredBy: at("10.244.2.9", 5353))))
    // Never translated: it was opened before the Service was there.
    #expect(book.isStale(flow(answeredBy: at("10.96.0.20", 53))))
    book.update([address: .answeredBy([])])
    #expect(book.isStale(flow(answeredBy: endpoint)))
  }

  @Test func clientsOutsideHaveOtherEndpoints() {
    var book = FlowBook()
    let near = at("10.244.1.2", 5353)
    book.replace(
      .v4,
      with: [
        address: .byClient(inside: [endpoint, near], outside: [near], insideBlocks: [CIDR("10.244.1.0/24")!])
      ])
    #expect(!book.isStale(flow(answeredBy: endpoint)))
    #expect(book.isStale(flow(answeredBy: endpoint, from: "192.0.2.2")))
    #expect(!book.isStale(flow(answeredBy: near, from: "192.0.2.2")))
  }

  @Test func retiredAddressesAreLookedAtForAWhile() {
    var book = FlowBook()
    book.replace(.v4, with: [address: .answeredBy([endpoint])])
    book.replace(.v4, with: [:])
    for _ in 0..<2 {
      #expect(book.isStale(flow(answeredBy: endpoint)))
      #expect(!book.isStale(flow(answeredBy: at("10.96.0.20", 53))))
      book.countCheck()
    }
    // Whoever has the address now is none of ours.
    #expect(!book.isStale(flow(answeredBy: endpoint)))
    #expect(book.families.isEmpty)
  }

  @Test func familiesAreKeptApart() {
    var book = FlowBook()
    book.replace(.v4, with: [address: .answeredBy([endpoint])])
    book.replace(.v6, with: [:])
    #expect(!book.isStale(flow(answeredBy: endpoint)))
  }
}
