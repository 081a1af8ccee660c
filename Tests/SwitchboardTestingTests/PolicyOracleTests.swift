import JSONTree
import NetworkTypes
import SwitchboardTesting
import Testing

/// Each clause of the documentation, by hand: the oracle judges others, so it is judged first.
@Suite struct PolicyOracleTests {
  typealias Fixture = PolicyFixture

  /// Whether the first gets to the second at TCP 80 or another port.
  private func allows(
    _ oracle: PolicyOracle, _ source: PolicyOracle.Party, _ destination: PolicyOracle.Party,
    _ transport: TransportProtocol = .tcp, _ port: UInt16 = 80
  ) -> Bool {
    oracle.allows(from: source, to: destination, transport, port: port)
  }

  // MARK: Isolation

  @Test func withoutPoliciesAllIsAllowed() {
    let oracle = Fixture.oracle()
    #expect(allows(oracle, Fixture.opsWeb, Fixture.shopDB))
    #expect(allows(oracle, Fixture.outside, Fixture.shopDB, .sctp, 1))
    #expect(allows(oracle, Fixture.shopDB, Fixture.outside))
  }

  @Test func aPolicyIsolatesWhatItSelectsInItsNamespaceOnly() {
    let oracle = Fixture.oracle(["podSelector": ["matchLabels": ["app": "web"]]])
    #expect(!allows(oracle, Fixture.shopDB, Fixture.shopWeb))
    #expect(allows(oracle, Fixture.shopDB, Fixture.plain))
    #expect(allows(oracle, Fixture.shopDB, Fixture.opsWeb))
  }

  @Test func directionsAreIsolatedApart() {
    let ingress = Fixture.oracle(["podSelector": [:]])
    #expect(!allows(ingress, Fixture.outside, Fixture.plain))
    #expect(allows(ingress, Fixture.plain, Fixture.outside))
    let egress = Fixture.oracle(["podSelector": [:], "policyTypes": ["Egress"]])
    #expect(allows(egress, Fixture.outside, Fixture.plain))
    #expect(!allows(egress, Fixture.plain, Fixture.outside))
    let both = Fixture.oracle(["podSelector": [:], "policyTypes": ["Egress", "Ingress"]])
    #expect(!allows(both, Fixture.outside, Fixture.plain))
    #expect(!allows(both, Fixture.plain, Fixture.outside))
  }

  @Test func policyTypesFollowTheRulesWhereNothingIsSaid() {
    for types: JSON in [.null, []] {
      let withRules = Fixture.oracle(["podSelector": [:], "policyTypes": types, "egress": [["ports": [["port": 1]]]]])
      #expect(!allows(withRules, Fixture.plain, Fixture.outside))
      #expect(!allows(withRules, Fixture.outside, Fixture.plain))
      let withEmptyList = Fixture.oracle(["podSelector": [:], "policyTypes": types, "egress": []])
      #expect(allows(withEmptyList, Fixture.plain, Fixture.outside))
    }
    // What is said decides, whatever rules there are.
    let stated = Fixture.oracle([
      "podSelector": [:], "policyTypes": ["Ingress"], "ingress": [[:]], "egress": [["ports": [["port": 1]]]],
    ])
    #expect(allows(stated, Fixture.plain, Fixture.outside))
    let egressOnly = Fixture.oracle([
      "podSelector": [:], "policyTypes": ["Egress"], "ingress": [["ports": [["port": 1]]]],
    ])
    #expect(allows(egressOnly, Fixture.outside, Fixture.plain))
  }

  @Test func aPolicyWithoutSpecIsolatesTheNamespace() {
    let policy: JSON = ["metadata": ["namespace": "shop", "name": "bare"]]
    let oracle = PolicyOracle(
      namespaces: Fixture.namespaces, pods: Fixture.pods, nodes: Fixture.nodes, policies: [policy])
    #expect(!allows(oracle, Fixture.outside, Fixture.plain))
    #expect(allows(oracle, Fixture.plain, Fixture.outside))
    #expect(allows(oracle, Fixture.outside, Fixture.opsWeb))
  }

  @Test func emptyAndMissingListsDiffer() {
    for rules: JSON in [.null, []] {
      #expect(!allows(Fixture.oracle(["podSelector": [:], "ingress": rules]), Fixture.outside, Fixture.plain))
    }
    for rule: JSON in [[:], ["from": []], ["ports": []], ["from": [], "ports": []]] {
      let oracle = Fixture.oracle(["podSelector": [:], "ingress": [rule]])
      #expect(allows(oracle, Fixture.outside, Fixture.plain, .udp, 7))
    }
    for rule: JSON in [[:], ["to": []], ["ports": []]] {
      let oracle = Fixture.oracle(["podSelector": [:], "policyTypes": ["Egress"], "egress": [rule]])
      #expect(allows(oracle, Fixture.plain, Fixture.outside, .sctp, 7))
    }
  }

  @Test func allowancesAddUp() {
    let oracle = Fixture.oracle(
      [
        "podSelector": ["matchLabels": ["app": "db"]],
        "ingress": [["ports": [["port": 80]]], ["ports": [["port": 81]]]],
      ],
      ["podSelector": [:], "ingress": [["ports": [["port": 82]]]]],
      // One that allows nothing takes nothing away.
      ["podSelector": [:], "ingress": []])
    for port: UInt16 in [80, 81, 82] { #expect(allows(oracle, Fixture.outside, Fixture.shopDB, .tcp, port)) }
    #expect(!allows(oracle, Fixture.outside, Fixture.shopDB, .tcp, 83))
    #expect(!allows(oracle, Fixture.outside, Fixture.plain, .tcp, 80))
    #expect(allows(oracle, Fixture.outside, Fixture.plain, .tcp, 82))
  }

  @Test func aRuleIsMetByPeerAndPortTogether() {
    let oracle = Fixture.oracle([
      "podSelector": [:],
      "ingress": [
        ["from": [["podSelector": ["matchLabels": ["app": "web"]]]], "ports": [["port": 80]]],
        ["from": [["ipBlock": ["cidr": "203.0.113.0/24"]]], "ports": [["port": 81]]],
      ],
    ])
    #expect(allows(oracle, Fixture.shopWeb, Fixture.shopDB, .tcp, 80))
    #expect(!allows(oracle, Fixture.shopWeb, Fixture.shopDB, .tcp, 81))
    #expect(allows(oracle, Fixture.outside, Fixture.shopDB, .tcp, 81))
    #expect(!allows(oracle, Fixture.outside, Fixture.shopDB, .tcp, 80))
  }

  @Test func bothEndsMustAllow() {
    let egress: JSON = [
      "podSelector": ["matchLabels": ["app": "web"]], "policyTypes": ["Egress"],
      "egress": [["to": [["podSelector": ["matchLabels": ["app": "db"]]]]]],
    ]
    let ingress: JSON = [
      "podSelector": ["matchLabels": ["app": "db"]], "ingress": [["ports": [["port": 80]]]],
    ]
    let oracle = Fixture.oracle(egress, ingress)
    #expect(allows(oracle, Fixture.shopWeb, Fixture.shopDB, .tcp, 80))
    #expect(!allows(oracle, Fixture.shopWeb, Fixture.shopDB, .tcp, 81))
    #expect(!allows(oracle, Fixture.shopWeb, Fixture.plain, .tcp, 80))
    #expect(allows(oracle, Fixture.plain, Fixture.shopDB, .tcp, 80))
    // The answer to what was allowed is no new conversation: the other way is judged by itself.
    #expect(allows(oracle, Fixture.shopDB, Fixture.shopWeb, .tcp, 81))
  }

  // MARK: Peers

  /// Who gets to `shop/db` where this peer is allowed.
  private func allowed(by peer: JSON) -> [PolicyOracle.Party] {
    let oracle = Fixture.oracle(["podSelector": ["matchLabels": ["app": "db"]], "ingress": [["from": [peer]]]])
    return [Fixture.shopWeb, Fixture.plain, Fixture.opsWeb, Fixture.outside, .node("a")].filter {
      allows(oracle, $0, Fixture.shopDB)
    }
  }

  @Test func selectorsOfPeers() {
    let web: JSON = ["matchLabels": ["app": "web"]]
    #expect(allowed(by: ["podSelector": web]) == [Fixture.shopWeb])
    #expect(allowed(by: ["podSelector": [:]]) == [Fixture.shopWeb, Fixture.plain])
    #expect(allowed(by: ["namespaceSelector": [:]]) == [Fixture.shopWeb, Fixture.plain, Fixture.opsWeb])
    #expect(
      allowed(by: ["namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "ops"]]]) == [Fixture.opsWeb])
    #expect(allowed(by: ["namespaceSelector": [:], "podSelector": web]) == [Fixture.shopWeb, Fixture.opsWeb])
    #expect(
      allowed(by: ["namespaceSelector": ["matchLabels": ["team": "red"]], "podSelector": web]) == [Fixture.shopWeb])
    #expect(
      allowed(by: ["namespaceSelector": ["matchLabels": ["team": "red"]], "podSelector": [:]])
        == [Fixture.shopWeb, Fixture.plain])
    #expect(allowed(by: ["namespaceSelector": ["matchLabels": ["team": "blue"]]]) == [])
  }

  @Test func severalPeersAreAlternatives() {
    let oracle = Fixture.oracle([
      "podSelector": ["matchLabels": ["app": "db"]],
      "ingress": [
        [
          "from": [
            ["namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "ops"]]],
            ["podSelector": ["matchLabels": ["app": "web"]]],
          ]
        ]
      ],
    ])
    #expect(allows(oracle, Fixture.opsWeb, Fixture.shopDB))
    #expect(allows(oracle, Fixture.shopWeb, Fixture.shopDB))
    #expect(!allows(oracle, Fixture.plain, Fixture.shopDB))
  }

  @Test(
    arguments: [
      (["key": "app", "operator": "In", "values": ["db", "web"]], [PolicyFixture.shopWeb]),
      (["key": "app", "operator": "In", "values": ["db"]], []),
      (["key": "app", "operator": "NotIn", "values": ["web"]], [PolicyFixture.plain]),
      (["key": "app", "operator": "NotIn", "values": ["x"]], [PolicyFixture.shopWeb, PolicyFixture.plain]),
      (["key": "app", "operator": "Exists"], [PolicyFixture.shopWeb]),
      (["key": "app", "operator": "DoesNotExist"], [PolicyFixture.plain]),
      (["key": "none", "operator": "DoesNotExist"], [PolicyFixture.shopWeb, PolicyFixture.plain]),
    ] as [(JSON, [PolicyOracle.Party])])
  func expressions(_ expression: JSON, _ expected: [PolicyOracle.Party]) {
    #expect(allowed(by: ["podSelector": ["matchExpressions": [expression]]]) == expected)
  }

  @Test func allConditionsOfASelectorMustHold() {
    let front: JSON = ["key": "tier", "operator": "In", "values": ["front"]]
    let selector: JSON = ["matchLabels": ["app": "web"], "matchExpressions": [front]]
    #expect(allowed(by: ["namespaceSelector": [:], "podSelector": selector]) == [Fixture.shopWeb])
    #expect(
      allowed(by: ["podSelector": ["matchLabels": ["app": "web", "tier": "back"]]]) == [])
    #expect(
      allowed(by: ["podSelector": ["matchLabels": [:], "matchExpressions": []]]) == [Fixture.shopWeb, Fixture.plain])
  }

  @Test func blocksMatchByAddressWhoeverHasIt() {
    #expect(allowed(by: ["ipBlock": ["cidr": "203.0.113.7/32"]]) == [Fixture.outside])
    #expect(allowed(by: ["ipBlock": ["cidr": "10.244.0.0/24"]]) == [Fixture.shopWeb, Fixture.plain])
    #expect(allowed(by: ["ipBlock": ["cidr": "172.30.0.2/31"]]) == [.node("a")])
    #expect(allowed(by: ["ipBlock": ["cidr": "0.0.0.0/0"]]).count == 5)
    #expect(allowed(by: ["ipBlock": ["cidr": "0.0.0.0/1"]]).count == 3)
    // Of the other family.
    #expect(allowed(by: ["ipBlock": ["cidr": "::/0"]]) == [])
    #expect(
      allowed(by: ["ipBlock": ["cidr": "0.0.0.0/0", "except": ["10.244.0.3/32", "10.244.1.0/24"]]])
        == [Fixture.plain, Fixture.outside, .node("a")])
    #expect(
      allowed(by: ["ipBlock": ["cidr": "10.244.0.0/24", "except": ["10.244.0.0/25", "10.244.0.128/25"]]]) == [])
    #expect(allowed(by: ["ipBlock": ["cidr": "10.244.0.0/24", "except": []]]).count == 2)
  }

  @Test func anotherBlockMayAllowWhatOneLeavesOut() {
    let oracle = Fixture.oracle([
      "podSelector": [:],
      "ingress": [
        [
          "from": [
            ["ipBlock": ["cidr": "10.244.0.0/16", "except": ["10.244.0.0/24"]]], ["ipBlock": ["cidr": "10.244.0.3/32"]],
          ]
        ]
      ],
    ])
    #expect(allows(oracle, Fixture.shopWeb, Fixture.shopDB))
    #expect(!allows(oracle, Fixture.plain, Fixture.shopDB))
  }
}
