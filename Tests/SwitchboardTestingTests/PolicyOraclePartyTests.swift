import JSONTree
import KubernetesAPI
import NetworkTypes
import SwitchboardTesting
import Testing

/// Nodes, pods on their network, pods that have finished, the name server: those who are special.
@Suite struct PolicyOraclePartyTests {
  typealias Fixture = PolicyFixture

  private let closed = PolicyFixture.oracle(["podSelector": [:], "policyTypes": ["Ingress", "Egress"]])

  private func allows(
    _ oracle: PolicyOracle, _ source: PolicyOracle.Party, _ destination: PolicyOracle.Party,
    _ transport: TransportProtocol = .tcp, _ port: UInt16 = 80, family: IPAddress.Family? = nil
  ) -> Bool {
    oracle.allows(from: source, to: destination, transport, port: port, family: family)
  }

  @Test func aPodReachesItself() {
    #expect(allows(closed, Fixture.plain, Fixture.plain))
    #expect(!allows(closed, Fixture.plain, Fixture.shopWeb))
    #expect(allows(closed, Fixture.plain, .address(IPAddress(v4: 10, 244, 0, 4))))
  }

  @Test func theOwnNodeReachesItsPods() {
    #expect(allows(closed, .node("a"), Fixture.plain))
    #expect(!allows(closed, .node("b"), Fixture.plain))
    #expect(allows(closed, Fixture.host, Fixture.plain))
    #expect(!allows(closed, Fixture.host, Fixture.shopDB))
    #expect(allows(closed, .address(IPAddress(v4: 172, 30, 0, 2)), Fixture.plain))
    #expect(!allows(closed, .address(IPAddress(v4: 172, 30, 0, 3)), Fixture.plain))
  }

  @Test func whatGoesToTheOwnNodeIsJudged() {
    #expect(!allows(closed, Fixture.plain, .node("a")))
    #expect(!allows(closed, Fixture.plain, Fixture.host))
    let oracle = Fixture.oracle([
      "podSelector": [:], "policyTypes": ["Egress"], "egress": [["to": [["ipBlock": ["cidr": "172.30.0.2/32"]]]]],
    ])
    #expect(allows(oracle, Fixture.plain, .node("a")))
    #expect(allows(oracle, Fixture.plain, Fixture.host))
    #expect(!allows(oracle, Fixture.plain, .node("b")))
  }

  @Test func podsOnTheirNodesNetworkAreTheNode() {
    // No policy is about them.
    let ops = Fixture.oracle(["podSelector": [:], "policyTypes": ["Ingress", "Egress"]], namespace: "ops")
    #expect(!allows(ops, Fixture.shopWeb, Fixture.opsWeb))
    #expect(allows(ops, Fixture.shopWeb, Fixture.host))
    #expect(allows(ops, Fixture.host, Fixture.shopDB))
    // No selector finds them; a block does.
    let selected = Fixture.oracle([
      "podSelector": [:], "ingress": [["from": [["namespaceSelector": [:]]]]],
    ])
    #expect(allows(selected, Fixture.opsWeb, Fixture.shopDB))
    #expect(!allows(selected, Fixture.host, Fixture.shopDB))
    let block = Fixture.oracle([
      "podSelector": [:], "ingress": [["from": [["ipBlock": ["cidr": "172.30.0.0/24"]]]]],
    ])
    #expect(allows(block, Fixture.host, Fixture.shopDB))
  }

  @Test func whoHasFinishedIsNobody() {
    let oracle = Fixture.oracle()
    #expect(!allows(oracle, Fixture.done, Fixture.plain))
    #expect(!allows(oracle, Fixture.plain, Fixture.done))
    // Its address is anybody's.
    let selected = Fixture.oracle([
      "podSelector": ["matchLabels": ["app": "db"]], "ingress": [["from": [["podSelector": [:]]]]],
    ])
    #expect(allows(selected, Fixture.shopWeb, Fixture.shopDB))
    #expect(!allows(selected, .address(IPAddress(v4: 10, 244, 0, 9)), Fixture.shopDB))
    #expect(!allows(oracle, .pod(ObjectName(namespace: "shop", name: "unknown")), Fixture.plain))
    #expect(!allows(oracle, .node("unknown"), Fixture.plain))
  }

  @Test func anAddressOfAPodIsThePod() {
    let oracle = Fixture.oracle(["podSelector": [:], "ingress": [["from": [["podSelector": [:]]]]]])
    #expect(allows(oracle, .address(IPAddress(v4: 10, 244, 0, 3)), Fixture.shopDB))
    #expect(!allows(oracle, .address(IPAddress(v4: 10, 244, 1, 4)), Fixture.shopDB))
  }

  // MARK: The name server

  private func egress(_ peer: JSON, _ ports: JSON = .null, namespace: String = "shop") -> PolicyOracle {
    Fixture.oracle(
      ["podSelector": [:], "policyTypes": ["Egress"], "egress": [["to": [peer], "ports": ports]]],
      namespace: namespace)
  }

  @Test func theNameServerIsAPodOfKubeSystem() {
    let server = PolicyOracle.Party.address(Fixture.dns)
    #expect(!allows(closed, Fixture.plain, server, .udp, 53))
    let system: JSON = ["matchLabels": ["kubernetes.io/metadata.name": "kube-system"]]
    let dns: JSON = ["matchLabels": ["k8s-app": "kube-dns"]]
    #expect(allows(egress(["namespaceSelector": system]), Fixture.plain, server, .udp, 53))
    #expect(allows(egress(["namespaceSelector": system, "podSelector": dns]), Fixture.plain, server, .tcp, 53))
    #expect(allows(egress(["namespaceSelector": [:]]), Fixture.plain, server, .udp, 53))
    #expect(!allows(egress(["podSelector": dns]), Fixture.plain, server, .udp, 53))
    #expect(
      !allows(
        egress(["namespaceSelector": system, "podSelector": ["matchLabels": ["k8s-app": "other"]]]), Fixture.plain,
        server, .udp, 53))
    #expect(!allows(egress(["namespaceSelector": ["matchLabels": ["team": "red"]]]), Fixture.plain, server, .udp, 53))
    // The server's address matches as well.
    #expect(allows(egress(["ipBlock": ["cidr": "10.96.0.0/16"]]), Fixture.plain, server, .udp, 53))
    #expect(!allows(egress(["ipBlock": ["cidr": "10.244.0.0/16"]]), Fixture.plain, server, .udp, 53))
    #expect(
      !allows(
        egress(["ipBlock": ["cidr": "10.96.0.0/16", "except": ["10.96.0.10/32"]]]), Fixture.plain, server, .udp, 53))
  }

  @Test func theNameServersPortsHaveNames() {
    let server = PolicyOracle.Party.address(Fixture.dns)
    let any: JSON = ["namespaceSelector": [:]]
    #expect(allows(egress(any, [["port": "dns", "protocol": "UDP"]]), Fixture.plain, server, .udp, 53))
    #expect(!allows(egress(any, [["port": "dns"]]), Fixture.plain, server, .tcp, 53))
    #expect(allows(egress(any, [["port": "dns-tcp"]]), Fixture.plain, server, .tcp, 53))
    #expect(!allows(egress(any, [["port": "dns-tcp"]]), Fixture.plain, server, .udp, 53))
    #expect(!allows(egress(any, [["port": "http"]]), Fixture.plain, server, .tcp, 53))
  }

  @Test func noPolicyIsolatesTheNameServer() {
    let oracle = Fixture.oracle(["podSelector": [:]], namespace: "kube-system")
    #expect(allows(oracle, Fixture.plain, .address(Fixture.dns), .udp, 53))
  }

  // MARK: Families

  @Test func blocksLookAtTheFamilyThatIsUsed() {
    let oracle = Fixture.oracle([
      "podSelector": ["matchLabels": ["app": "db"]], "ingress": [["from": [["ipBlock": ["cidr": "fd00:10:244::/64"]]]]],
    ])
    #expect(allows(oracle, Fixture.shopWeb, Fixture.shopDB, family: .v6))
    #expect(!allows(oracle, Fixture.shopWeb, Fixture.shopDB, family: .v4))
    #expect(!allows(oracle, Fixture.shopWeb, Fixture.shopDB))
    // `shop/plain` has no such address.
    let open = Fixture.oracle()
    #expect(!allows(open, Fixture.plain, Fixture.shopDB, family: .v6))
    #expect(allows(open, Fixture.shopWeb, Fixture.shopDB, family: .v6))
    #expect(allows(open, .node("a"), Fixture.shopDB, family: .v6))
    #expect(!allows(open, .node("b"), Fixture.shopDB, family: .v6))
    #expect(!allows(open, Fixture.outside, Fixture.shopDB, family: .v6))
  }

  @Test func selectorsHoldForBothFamilies() {
    let oracle = Fixture.oracle([
      "podSelector": ["matchLabels": ["app": "db"]],
      "ingress": [["from": [["podSelector": ["matchLabels": ["app": "web"]]]]]],
    ])
    for family in IPAddress.Family.allCases {
      #expect(allows(oracle, Fixture.shopWeb, Fixture.shopDB, family: family))
    }
    #expect(
      !allows(oracle, .address(IPAddress(family: .v6, value: 0x2001_0db8 << 96)), Fixture.shopDB, family: .v6))
  }
}
