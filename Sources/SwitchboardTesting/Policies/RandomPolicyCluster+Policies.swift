import JSONTree
import KubernetesAPI
import NetworkTypes

extension RandomPolicyCluster {
  mutating func drawPolicies() {
    policies = (0..<random.below(9)).map { index in
      var policy: JSON = [
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": ["name": .string("policy\(index)"), "namespace": .string(random.pick(namespaces).name)],
      ]
      // Without a spec: all pods of the namespace, nothing comes in.
      if !random.chance(2) { policy["spec"] = drawSpec() }
      return policy
    }
  }

  private mutating func drawSpec() -> JSON {
    var spec: JSON = [:]
    if random.chance(5) {
      spec["podSelector"] = ["matchLabels": ["app": "nothing"]]
    } else if !random.chance(5) {
      spec["podSelector"] = drawSelector(Self.labelStock)
    }
    switch random.below(12) {
    case 0..<4: break
    case 4: spec["policyTypes"] = []
    case 5, 6: spec["policyTypes"] = ["Ingress"]
    case 7, 8: spec["policyTypes"] = ["Egress"]
    case 9: spec["policyTypes"] = ["Egress", "Ingress"]
    case 10: spec["policyTypes"] = ["Ingress", "Ingress"]
    default: spec["policyTypes"] = ["Ingress", "Egress"]
    }
    if random.chance(75) { spec["ingress"] = .array(random.several(0...2) { _ in .null }) }
    if random.chance(55) { spec["egress"] = .array(random.several(0...2) { _ in .null }) }
    for (rules, peers) in [("ingress", "from"), ("egress", "to")] {
      guard let count = spec[rules]?.items.count else { continue }
      spec[rules] = .array((0..<count).map { _ in drawRule(peers) })
    }
    return spec
  }

  private mutating func drawRule(_ peers: String) -> JSON {
    var rule: JSON = [:]
    switch random.below(10) {
    case 0: break
    case 1: rule[peers] = []
    default: rule[peers] = .array((0..<random.below(3) + 1).map { _ in drawPeer() })
    }
    switch random.below(10) {
    case 0..<3: break
    case 3: rule["ports"] = []
    default: rule["ports"] = .array((0..<random.below(3) + 1).map { _ in drawPolicyPort() })
    }
    return rule
  }

  // MARK: Selectors

  /// For label selectors of every form, empty ones among them.
  private mutating func drawSelector(_ stock: [(key: String, values: [String])]) -> JSON {
    switch random.below(12) {
    case 0, 1: return [:]
    case 2: return ["matchLabels": [:]]
    case 3: return ["matchExpressions": []]
    case 4..<7: return ["matchLabels": .object(drawMatchLabels(stock))]
    case 7..<10: return ["matchExpressions": [drawExpression(stock)]]
    case 10: return ["matchExpressions": [drawExpression(stock), drawExpression(stock)]]
    default:
      return ["matchLabels": .object(drawMatchLabels(stock)), "matchExpressions": [drawExpression(stock)]]
    }
  }

  private mutating func drawMatchLabels(_ stock: [(key: String, values: [String])]) -> JSONObject {
    var labels = JSONObject()
    for _ in 0..<(random.chance(75) ? 1 : 2) {
      let (key, values) = random.pick(stock)
      labels[key] = .string(random.pick(values))
    }
    return labels
  }

  private mutating func drawExpression(_ stock: [(key: String, values: [String])]) -> JSON {
    // Nobody has the label `absent`.
    let (key, values) = random.chance(10) ? ("absent", ["x"]) : random.pick(stock)
    let name = random.pick(["In", "NotIn", "Exists", "DoesNotExist"])
    var expression: JSON = ["key": .string(key), "operator": .string(name)]
    if name == "In" || name == "NotIn" {
      expression["values"] = .array((0..<random.below(2) + 1).map { _ in .string(random.pick(values)) })
    } else if random.chance(20) {
      expression["values"] = []
    }
    return expression
  }

  /// Of namespaces: by the name each has as a label, or by the others.
  private mutating func drawNamespaceSelector() -> JSON {
    guard random.chance(40) else { return drawSelector(Self.namespaceLabelStock) }
    let name = JSON.string(random.pick(namespaces).name)
    return random.chance(50)
      ? ["matchLabels": ["kubernetes.io/metadata.name": name]]
      : [
        "matchExpressions": [
          [
            "key": "kubernetes.io/metadata.name", "operator": .string(random.pick(["In", "NotIn"])), "values": [name],
          ]
        ]
      ]
  }

  // MARK: Peers and ports

  private mutating func drawPeer() -> JSON {
    switch random.below(12) {
    case 0..<3: return ["podSelector": drawSelector(Self.labelStock)]
    case 3, 4: return ["namespaceSelector": drawNamespaceSelector()]
    case 5, 6:
      return ["namespaceSelector": drawNamespaceSelector(), "podSelector": drawSelector(Self.labelStock)]
    case 7:
      // What the documentation advises for the cluster's name server.
      return [
        "namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "kube-system"]],
        "podSelector": ["matchLabels": ["k8s-app": "kube-dns"]],
      ]
    default: return ["ipBlock": drawBlock()]
    }
  }

  private mutating func drawPolicyPort() -> JSON {
    var port: JSON = [:]
    switch random.below(10) {
    case 0..<3: break
    case 3, 4: port["protocol"] = "UDP"
    case 5: port["protocol"] = "SCTP"
    default: port["protocol"] = "TCP"
    }
    let number = random.pick(Self.portNumbers)
    switch random.below(10) {
    case 0: break
    case 1..<5: port["port"] = .int(number)
    case 5, 6:
      port["port"] = .int(number)
      // Of one port, of several, or up to the last.
      port["endPort"] = .int(min(65535, number + random.pick([0, 1, 900, 65535])))
    default: port["port"] = .string(random.pick(Self.portNames + ["side"]))
    }
    return port
  }

  // MARK: Blocks

  private mutating func drawBlock() -> JSON {
    // Now and then of the family that the cluster does not have.
    let family = random.chance(8) ? random.pick(IPAddress.Family.allCases) : random.pick(families)
    let whole = drawWhole(family)
    var block: JSON = ["cidr": .string(written(whole))]
    switch random.below(10) {
    case 0..<4: break
    case 4: block["except"] = []
    case 5 where whole.prefixLength < family.bits:
      // All of it, in two halves: a part that is no smaller than the whole is refused.
      block["except"] = .array([0, 1].compactMap { half(whole, $0).map { .string($0.description) } })
    default:
      let parts = (0..<random.below(3) + 1).compactMap { _ in drawPart(of: whole) }
      if !parts.isEmpty { block["except"] = .array(parts.map { .string(written($0)) }) }
    }
    return block
  }

  private mutating func drawWhole(_ family: IPAddress.Family) -> CIDR {
    let zero = IPAddress(family: family, value: 0)
    let outside = Self.outsideRanges(family)
    var choices = [
      CIDR(zero, prefixLength: 0), CIDR(zero, prefixLength: 1), Self.podRange(family),
      podBlock(family, node: random.below(nodes.count)), Self.nodeRange(family), Self.serviceRange(family),
      random.pick(outside), random.pick(outside).subnet(random.chance(50) ? 0 : 1, prefixLength: family.bits - 7),
    ].compactMap { $0 }
    if let pod = known(family).randomElement(using: &random) {
      choices += [CIDR(host: pod), CIDR(pod, prefixLength: family.bits - 6)].compactMap { $0 }
    }
    return random.pick(choices)
  }

  /// Smaller than the whole, around an address that somebody has where there is one.
  private mutating func drawPart(of whole: CIDR) -> CIDR? {
    let bits = whole.family.bits
    guard whole.prefixLength < bits else { return nil }
    let inhabitants = known(whole.family).filter(whole.contains)
    let base = inhabitants.randomElement(using: &random) ?? whole.base.advanced(by: UInt128(random.below(2)))
    let shortest = whole.prefixLength + 1
    // Between the half of the whole and the one address; often near one of the two.
    let length = random.pick([shortest, bits, max(shortest, bits - 5), Int.random(in: shortest...bits, using: &random)])
    return CIDR(base, prefixLength: length)
  }

  private func half(_ whole: CIDR, _ index: UInt128) -> CIDR? {
    whole.subnet(index, prefixLength: whole.prefixLength + 1)
  }

  /// The addresses of pods, nodes, the name server, and some of the outside.
  private func known(_ family: IPAddress.Family) -> [IPAddress] {
    let texts =
      pods.flatMap { $0.status["podIPs"]?.items ?? [] }.compactMap { $0["ip"]?.string }
      + nodes.flatMap { $0.status["addresses"]?.items ?? [] }.compactMap { $0["address"]?.string }
    return
      (texts.compactMap { IPAddress($0) } + dnsAddresses
      + Self.outsideRanges(family).map { $0.base.advanced(by: 77) }).filter { $0.family == family }
  }

  /// IPv6 now and then as people write it, which is accepted as well.
  private mutating func written(_ block: CIDR) -> String {
    guard block.family == .v6, random.chance(15) else { return block.description }
    return block.description.uppercased()
  }
}
