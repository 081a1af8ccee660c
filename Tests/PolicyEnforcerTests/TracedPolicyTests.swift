import ClusterModel
import JSONTree
import KubernetesAPI
import NFTables
import NetworkTypes
import PolicyPlan
import SwitchboardTesting
import Testing

@testable import PolicyEnforcer

/// Policies by the way of objects, plan and rules to a packet that passes or does not.
@Suite struct TracedPolicyTests {
  private typealias Lab = PolicyObjects

  private static func node(_ policies: [JSON]) throws -> TracedNode {
    var node = TracedNode("node-1", nameServerAddresses: [Lab.dns])
    try node.apply(Lab.cluster + policies.map { try Lab.event(.networkPolicies, $0) })
    return node
  }

  @Test func nothingIsForbiddenWithoutPolicies() throws {
    let node = try Self.node([])
    #expect(node.passes(Lab.stranger, Lab.web, .tcp, 8080))
    #expect(node.passes(Lab.web, Lab.outside, .udp, 53))
  }

  @Test func isolationIsByDirection() throws {
    let node = try Self.node([Lab.policy("deny", ["podSelector": ["matchLabels": ["app": "web"]]])])
    #expect(!node.passes(Lab.client, Lab.web, .tcp, 8080))
    #expect(!node.passes(Lab.outside, Lab.web, .udp, 1))
    #expect(node.passes(Lab.web, Lab.outside, .tcp, 443))
    #expect(node.passes(Lab.client, Lab.db, .tcp, 5432))
    // Answers, and what the pod says to itself.
    #expect(node.passes(Lab.client, Lab.web, .tcp, 8080, .established))
    #expect(node.passes(Lab.web, Lab.web, .tcp, 8080))
    // What the node itself sends does not come through here; what it gets does.
    #expect(node.passes(Lab.web, Lab.nodeAddress, .tcp, 6443, at: .input))
  }

  @Test func allowsAreAUnion() throws {
    let node = try Self.node([
      Lab.policy("deny", [:]),
      Lab.policy(
        "web",
        [
          "podSelector": ["matchLabels": ["app": "web"]],
          "ingress": [
            ["from": [["podSelector": ["matchLabels": ["app": "client"]]]], "ports": [["port": 8080]]],
            ["from": [["namespaceSelector": ["matchLabels": ["team": "b"]]]], "ports": [["port": 9, "endPort": 12]]],
          ],
        ]),
    ])
    #expect(node.passes(Lab.client, Lab.web, .tcp, 8080))
    #expect(!node.passes(Lab.client, Lab.web, .tcp, 8081))
    #expect(!node.passes(Lab.client, Lab.web, .udp, 8080))
    #expect(!node.passes(Lab.stranger, Lab.web, .tcp, 8080))
    for (port, passes) in [(UInt16(8), false), (9, true), (12, true), (13, false)] {
      #expect(node.passes(Lab.stranger, Lab.web, .tcp, port) == passes, "\(port)")
    }
    #expect(!node.passes(Lab.client, Lab.db, .tcp, 8080))
  }

  @Test func blocksHaveHolesAndHoldPods() throws {
    let node = try Self.node([
      Lab.policy(
        "out",
        [
          "policyTypes": ["Egress"],
          "egress": [
            [
              "to": [
                ["ipBlock": ["cidr": "192.0.2.0/24", "except": ["192.0.2.4/30"]]],
                ["ipBlock": ["cidr": "192.0.2.5/32"]], ["ipBlock": ["cidr": "10.244.1.3/32"]],
              ]
            ]
          ],
        ])
    ])
    for (address, passes) in [
      ("192.0.2.3", true), ("192.0.2.4", false), ("192.0.2.5", true), ("192.0.2.7", false), ("192.0.2.8", true),
      ("198.51.100.1", false), ("10.244.1.3", true), ("10.244.1.5", false),
    ] {
      #expect(try node.passes(Lab.web, #require(IPAddress(address)), .tcp, 80) == passes, "\(address)")
    }
    #expect(!node.passes(Lab.web, Lab.nodeAddress, .tcp, 22, at: .input))
  }

  @Test func namesOfPortsAreTheDestinations() throws {
    let node = try Self.node([
      Lab.policy("in", ["podSelector": ["matchLabels": ["app": "db"]], "ingress": [["ports": [["port": "serve"]]]]]),
      Lab.policy(
        "out",
        [
          "podSelector": ["matchLabels": ["app": "client"]], "policyTypes": ["Egress"],
          "egress": [["to": [["podSelector": [:]]], "ports": [["port": "serve"]]]],
        ]),
    ])
    #expect(node.passes(Lab.client, Lab.web, .tcp, 8080))
    #expect(!node.passes(Lab.client, Lab.web, .tcp, 5432))
    #expect(node.passes(Lab.client, Lab.db, .tcp, 5432))
    #expect(!node.passes(Lab.client, Lab.db, .tcp, 8080))
    #expect(!node.passes(Lab.client, Lab.stranger, .tcp, 8080))
    #expect(!node.passes(Lab.stranger, Lab.db, .tcp, 8080))
  }

  @Test func queriesForNamesAreAllowedAsToThePodsPeopleKnow() throws {
    func passes(_ egress: JSON, _ transport: TransportProtocol = .udp) throws -> Bool {
      try Self.node([Lab.policy("out", ["policyTypes": ["Egress"], "egress": egress])])
        .passes(Lab.web, Lab.dns, transport, 53, at: .input)
    }
    let port: JSON = [["port": 53, "protocol": "UDP"]]
    let peer: JSON = [
      "namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "kube-system"]],
      "podSelector": ["matchLabels": ["k8s-app": "kube-dns"]],
    ]
    #expect(try !passes([]))
    #expect(try passes([[:]]))
    #expect(try passes([["ports": port]]))
    #expect(try !passes([["ports": port]], .tcp))
    #expect(try passes([["to": [peer], "ports": port]]))
    #expect(try passes([["to": [peer], "ports": [["port": "dns", "protocol": "UDP"]]]]))
    #expect(try passes([["to": [["ipBlock": ["cidr": "10.96.0.10/32"]]]]]))
    #expect(try !passes([["to": [["podSelector": ["matchLabels": ["k8s-app": "kube-dns"]]]]]]))
  }

  @Test func changesApplyAsTheyCome() throws {
    let allow = Lab.policy(
      "allow", ["ingress": [["from": [["podSelector": ["matchLabels": ["role": "friend"]]]]]]])
    var node = try Self.node([allow])
    #expect(!node.passes(Lab.client, Lab.web, .tcp, 8080))
    let pods = try node.apply([Lab.pod("shop", "client", Lab.client, labels: ["role": "friend"])])
    #expect(node.passes(Lab.client, Lab.web, .tcp, 8080))
    // A label is one element, whatever else there is.
    #expect(pods.elementCount == 1 && pods.profiles.isEmpty)
    try node.apply([
      .detached(Lab.client, podUID: "shop-client"), .podRemoved(ObjectName(namespace: "shop", name: "client")),
    ])
    #expect(!node.passes(Lab.client, Lab.web, .tcp, 8080))
    try node.apply([.policyRemoved(ObjectName(namespace: "shop", name: "allow"))])
    #expect(node.passes(Lab.client, Lab.web, .tcp, 8080))
    let kept = node.ruleset
    #expect(
      ["members", "blocks", "ports", "sockets", "profiles", "senders", "receivers"]
        .allSatisfy { kept.elements(of: $0).isEmpty })
    #expect(kept.chains.keys.allSatisfy { !$0.hasPrefix("p") })
  }

  @Test func labelsOfNamespacesCount() throws {
    var node = try Self.node([
      Lab.policy("allow", ["ingress": [["from": [["namespaceSelector": ["matchLabels": ["team": "c"]]]]]]])
    ])
    #expect(!node.passes(Lab.stranger, Lab.web, .tcp, 8080))
    try node.apply([Lab.namespace("other", labels: ["team": "c"])])
    #expect(node.passes(Lab.stranger, Lab.web, .tcp, 8080))
    try node.apply([Lab.namespace("other", labels: [:])])
    #expect(!node.passes(Lab.stranger, Lab.web, .tcp, 8080))
  }

  @Test func whoeverIsNotKnownIsDenied() throws {
    var node = try Self.node([])
    let address = try #require(IPAddress("10.244.1.9"))
    try node.apply([.attached(address, podUID: "shop-new")])
    #expect(!node.passes(Lab.client, address, .tcp, 80))
    #expect(!node.passes(address, Lab.client, .tcp, 80))
    try node.apply([Lab.pod("shop", "new", address)])
    #expect(node.passes(Lab.client, address, .tcp, 80))
    #expect(node.passes(address, Lab.client, .tcp, 80))
  }

  @Test func anAddressOfAFinishedPodIsTheNextOnes() throws {
    var node = try Self.node([
      Lab.policy("allow", ["ingress": [["from": [["podSelector": ["matchLabels": ["app": "client"]]]]]]])
    ])
    #expect(node.passes(Lab.client, Lab.web, .tcp, 8080))
    try node.apply([
      Lab.pod("shop", "client", Lab.client, phase: "Succeeded"), .detached(Lab.client, podUID: "shop-client"),
      Lab.pod("other", "next", Lab.client), .attached(Lab.client, podUID: "other-next"),
    ])
    #expect(!node.passes(Lab.client, Lab.web, .tcp, 8080))
  }

  @Test func aLabelThatIsFlippedAThousandTimesLeavesNothingBehind() throws {
    let allow = Lab.policy(
      "allow", ["ingress": [["from": [["podSelector": ["matchLabels": ["role": "friend"]]]]]]])
    // It makes the pod another's subject too.
    let friends = Lab.policy("friends", ["podSelector": ["matchLabels": ["role": "friend"]], "ingress": []])
    var node = try Self.node([allow, friends])
    let before = node.ruleset
    for number in 1...1000 {
      let isFriend = !number.isMultiple(of: 2)
      try node.apply([Lab.pod("shop", "client", Lab.client, labels: isFriend ? ["role": "friend"] : [:])])
      guard number < 10 || number > 990 else { continue }
      #expect(node.passes(Lab.client, Lab.web, .tcp, 8080) == isFriend)
      #expect(!node.passes(Lab.stranger, Lab.client, .tcp, 8080))
    }
    for set in ["members", "blocks", "ports", "sockets", "profiles", "senders", "receivers"] {
      #expect(node.ruleset.elements(of: set).count == before.elements(of: set).count, "\(set)")
    }
    #expect(node.ruleset.chains.count == before.chains.count)
  }

  @Test func manyRulesOfOneKindAreOne() throws {
    let blocks = (0..<10_000).map { number -> JSON in
      ["from": [["ipBlock": ["cidr": "198.18.\(number / 256).\(number % 256)/32"]]], "ports": [["port": 80]]]
    }
    let node = try Self.node([Lab.policy("many", ["ingress": .array(blocks)])])
    #expect(try node.passes(#require(IPAddress("198.18.39.15")), Lab.web, .tcp, 80))
    #expect(try !node.passes(#require(IPAddress("198.18.39.16")), Lab.web, .tcp, 80))
    #expect(node.ruleset.rules.values.map(\.count).max()! < 10)
  }
}
