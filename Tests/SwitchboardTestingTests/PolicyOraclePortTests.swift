import JSONTree
import NetworkTypes
import SwitchboardTesting
import Testing

/// Which ports a policy means.
@Suite struct PolicyOraclePortTests {
  typealias Fixture = PolicyFixture

  /// Whether a packet from outside gets to `shop/db` where these ports are allowed.
  private func lets(_ ports: JSON, _ transport: TransportProtocol, _ port: UInt16) -> Bool {
    Fixture.oracle(["podSelector": [:], "ingress": [["ports": ports]]])
      .allows(from: Fixture.outside, to: Fixture.shopDB, transport, port: port)
  }

  @Test func withoutProtocolItIsTCP() {
    #expect(lets([["port": 80]], .tcp, 80))
    #expect(!lets([["port": 80]], .udp, 80))
    #expect(!lets([["port": 80]], .sctp, 80))
    #expect(!lets([["port": 80]], .tcp, 79))
    #expect(lets([[:]], .tcp, 1234))
    #expect(!lets([[:]], .udp, 1234))
  }

  @Test func withoutPortItIsAllOfTheProtocol() {
    #expect(lets([["protocol": "UDP"]], .udp, 1))
    #expect(lets([["protocol": "UDP"]], .udp, 65535))
    #expect(!lets([["protocol": "UDP"]], .tcp, 1))
    #expect(lets([["protocol": "SCTP"]], .sctp, 9))
  }

  @Test func sctpIsNoTCP() {
    #expect(lets([["protocol": "SCTP", "port": 80]], .sctp, 80))
    #expect(!lets([["protocol": "SCTP", "port": 80]], .tcp, 80))
  }

  @Test func rangesHoldBothEnds() {
    let range: JSON = [["port": 80, "endPort": 82]]
    #expect([79, 80, 81, 82, 83].filter { lets(range, .tcp, $0) } == [80, 81, 82])
    #expect([79, 80, 81].filter { lets([["port": 80, "endPort": 80]], .tcp, $0) } == [80])
    #expect(lets([["port": 1, "endPort": 65535]], .tcp, 65535))
    #expect(!lets(range, .udp, 81))
  }

  @Test func severalPortsAreAlternatives() {
    let ports: JSON = [["port": 80], ["protocol": "UDP", "port": 53]]
    #expect(lets(ports, .tcp, 80))
    #expect(lets(ports, .udp, 53))
    #expect(!lets(ports, .tcp, 53))
  }

  @Test func namesAreThoseOfTheSelectedPodForWhatComesIn() {
    #expect(lets([["port": "http"]], .tcp, 80))
    #expect(!lets([["port": "http"]], .tcp, 8080))
    #expect(lets([["port": "sql", "protocol": "TCP"]], .tcp, 5432))
    #expect(!lets([["port": "nobody"]], .tcp, 80))
    // A name means a port of its own protocol.
    #expect(lets([["port": "dns", "protocol": "UDP"]], .udp, 53))
    #expect(!lets([["port": "dns"]], .tcp, 53))
    #expect(!lets([["port": "http", "protocol": "UDP"]], .udp, 80))
    // A sidecar's ports have names as well; those of a container that has ended have none.
    #expect(lets([["port": "admin"]], .tcp, 9000))
    #expect(!lets([["port": "gone"]], .tcp, 9001))
  }

  @Test func namesAreThoseOfThePeerForWhatGoesOut() {
    func lets(_ destination: PolicyOracle.Party, _ port: UInt16, to peers: JSON = .null) -> Bool {
      Fixture.oracle([
        "podSelector": ["matchLabels": ["app": "web"]], "policyTypes": ["Egress"],
        "egress": [["to": peers, "ports": [["port": "http"]]]],
      ]).allows(from: Fixture.shopWeb, to: destination, .tcp, port: port)
    }
    // `shop/web` calls 8080 so itself, which does not matter here.
    #expect(lets(Fixture.shopDB, 80))
    #expect(!lets(Fixture.shopDB, 8080))
    // Neither an address outside nor a pod on its node's network has names.
    #expect(!lets(Fixture.outside, 80))
    #expect(!lets(Fixture.host, 8080))
    #expect(!lets(.node("a"), 8080))
    #expect(!lets(Fixture.outside, 80, to: [["ipBlock": ["cidr": "0.0.0.0/0"]]]))
    // A block finds the pod by its address, and the pod has names.
    #expect(lets(Fixture.shopDB, 80, to: [["ipBlock": ["cidr": "10.244.0.0/16"]]]))
  }
}
