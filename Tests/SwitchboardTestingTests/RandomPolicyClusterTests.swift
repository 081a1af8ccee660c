import JSONTree
import KubernetesAPI
import NetworkTypes
import SwitchboardTesting
import Testing

/// The clusters that are drawn: in order, the same for the same seed, and with every clause among them.
@Suite struct RandomPolicyClusterTests {
  static let clusters = (1...200).map { RandomPolicyCluster(seed: $0) }
  static let dualStack = (1...200).map { RandomPolicyCluster(seed: $0, families: [.v4, .v6]) }

  @Test func theSameSeedGivesTheSameCluster() {
    let (one, again, other) = (
      RandomPolicyCluster(seed: 7), RandomPolicyCluster(seed: 7), RandomPolicyCluster(seed: 8)
    )
    #expect(one.description == again.description)
    #expect(one.questions(50) == again.questions(50))
    #expect(one.description != other.description)
  }

  @Test func everyObjectIsOneTheServerTakes() throws {
    for cluster in Self.clusters + Self.dualStack {
      for (kind, object) in cluster.objects {
        var object = try ObjectDecoder().decode(object, as: kind, validation: .strict).object
        Defaulting().apply(to: &object, kind: kind)
        let faults = ObjectValidation.faults(creating: object, kind: kind)
        #expect(faults.isEmpty, "seed \(cluster.seed): \(faults) in \(object)")
      }
    }
  }

  @Test func sizesAreAsPromised() {
    for cluster in Self.clusters {
      #expect((2...4).contains(cluster.namespaces.count))
      #expect((1...3).contains(cluster.nodes.count))
      #expect((4...12).contains(cluster.pods.count))
      #expect((0...8).contains(cluster.policies.count))
    }
    #expect(Set(Self.clusters.map(\.policies.count)) == Set(0...8))
    #expect(Set(Self.clusters.map(\.nodes.count)) == Set(1...3))
  }

  /// No two pods that live have the same address, and each has one of its node's.
  @Test func addressesAreTheNodes() {
    for cluster in Self.clusters + Self.dualStack {
      var taken: Set<String> = []
      for pod in cluster.pods where pod.spec["hostNetwork"] == nil && pod.status["phase"] == "Running" {
        let node = cluster.nodes.first { $0.name == pod.spec["nodeName"]?.string }
        let blocks = (node?.spec["podCIDRs"]?.items ?? []).compactMap { $0.string.flatMap { CIDR($0) } }
        for address in pod.status["podIPs"]?.items ?? [] {
          let text = address["ip"]?.string ?? ""
          #expect(taken.insert(text).inserted, "seed \(cluster.seed): \(text)")
          #expect(IPAddress(text).map { address in blocks.contains { $0.contains(address) } } == true)
        }
      }
    }
  }

  // MARK: What is asked

  @Test func questionsAreAboutWhoIsThere() {
    for cluster in Self.clusters + Self.dualStack {
      // Without policies everybody who is asked about gets through to everybody.
      let open = PolicyOracle(
        namespaces: cluster.namespaces, pods: cluster.pods, nodes: cluster.nodes, policies: [],
        dnsAddresses: cluster.dnsAddresses)
      for question in cluster.questions(20) { #expect(open.allows(question), "seed \(cluster.seed): \(question)") }
    }
  }

  @Test func verdictsAreMixed() {
    for clusters in [Self.clusters, Self.dualStack] {
      var count = 0
      var allowed: [TransportProtocol: Int] = [:]
      var mixed = 0
      for cluster in clusters {
        let oracle = cluster.oracle
        let verdicts = cluster.questions(60).map { (question: $0, isAllowed: oracle.allows($0)) }
        count += verdicts.count
        for verdict in verdicts where verdict.isAllowed { allowed[verdict.question.transport, default: 0] += 1 }
        if Set(verdicts.map(\.isAllowed)).count == 2 { mixed += 1 }
      }
      let total = allowed.values.reduce(0, +)
      #expect((count * 30 / 100...count * 75 / 100).contains(total), "\(total) of \(count)")
      for transport in TransportProtocol.allCases {
        #expect((allowed[transport] ?? 0) * 10 > count, "\(transport): \(allowed[transport] ?? 0) of \(count)")
      }
      #expect(mixed * 10 >= clusters.count * 7, "both verdicts in \(mixed) clusters only")
    }
  }

  /// What is allowed is so by a rule often enough, and not only where nothing isolates.
  @Test func rulesDecideOftenEnough() {
    var byRule = 0
    var count = 0
    for cluster in Self.clusters {
      let oracle = cluster.oracle
      let closed = PolicyOracle(
        namespaces: cluster.namespaces, pods: cluster.pods, nodes: cluster.nodes,
        policies: cluster.policies.map(Self.withoutRules), dnsAddresses: cluster.dnsAddresses)
      for question in cluster.questions(60) {
        count += 1
        if oracle.allows(question), !closed.allows(question) { byRule += 1 }
      }
    }
    #expect(byRule * 100 > count * 8, "\(byRule) of \(count)")
  }

  private static func withoutRules(_ policy: JSON) -> JSON {
    var bare = policy
    var defaulted = policy
    Defaulting().apply(to: &defaulted, kind: .networkPolicies)
    bare["spec"] = [
      "podSelector": policy.spec["podSelector"] ?? [:], "policyTypes": defaulted.spec["policyTypes"] ?? ["Ingress"],
    ]
    return bare
  }

  @Test func eachPortsNeighboursAreAsked() {
    for cluster in Self.clusters {
      for transport in TransportProtocol.allCases {
        let numbers = Set(cluster.ports.filter { $0.transport == transport }.map(\.number))
        #expect(numbers.isSuperset(of: [52, 53, 54]))
        #expect(!numbers.contains(0))
      }
    }
  }

  @Test func bothSidesOfBlocksAreAsked() {
    var inside = 0
    var outside = 0
    for cluster in Self.clusters {
      let texts = PolicyClauses.peers(of: cluster).compactMap { $0["ipBlock"]?["cidr"]?.string }
      for block in texts.compactMap({ CIDR($0) }) where block.prefixLength > 1 {
        for address in cluster.outsideAddresses(.v4) {
          if block.contains(address) { inside += 1 } else { outside += 1 }
        }
      }
    }
    #expect(inside > 100)
    #expect(outside > 100)
  }

  // MARK: What is drawn

  @Test(arguments: PolicyClauses.all.keys.sorted()) func everyClauseIsThere(_ name: String) throws {
    let clause = try #require(PolicyClauses.all[name])
    #expect(Self.clusters.contains { clause($0) })
  }

  @Test(arguments: PolicyClauses.dualStack.keys.sorted()) func everyClauseOfTwoFamiliesIsThere(_ name: String) throws {
    let clause = try #require(PolicyClauses.dualStack[name])
    #expect(Self.dualStack.contains { clause($0) })
  }
}

extension PolicyOracle {
  fileprivate func allows(_ question: RandomPolicyCluster.Question) -> Bool {
    allows(
      from: question.source, to: question.destination, question.transport, port: question.port,
      family: question.family)
  }
}
