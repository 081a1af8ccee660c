import JSONTree
import Testing

@testable import KubernetesAPI

/// What is refused of network policies, in upstream's words.
@Suite struct NetworkPolicyValidationTests {
  private func policy(_ spec: JSON) -> JSON {
    ValidationFixtures.prepared(
      ["metadata": ["name": "rules", "namespace": "default"], "spec": spec], .networkPolicies, { _ in })
  }

  private func faults(_ spec: JSON) -> [String] { ValidationFixtures.messages(policy(spec), .networkPolicies) }

  /// Of the one port of a rule, without the path to it.
  private func faults(port: JSON) -> [String] {
    let texts = faults(["podSelector": [:], "ingress": [["ports": [port]]]])
    #expect(
      faults(["podSelector": [:], "egress": [["ports": [port]]]])
        == texts.map { "spec.egress" + $0.dropFirst("spec.ingress".count) })
    let place = "spec.ingress[0].ports[0]."
    #expect(texts.allSatisfy { $0.hasPrefix(place) })
    return texts.map { String($0.dropFirst(place.count)) }
  }

  /// Of the one peer of a rule, without the path to it.
  private func faults(peer: JSON) -> [String] {
    let texts = faults(["podSelector": [:], "ingress": [["from": [peer]]]])
    #expect(
      faults(["podSelector": [:], "egress": [["to": [peer]]]])
        == texts.map { "spec.egress[0].to" + $0.dropFirst("spec.ingress[0].from".count) })
    let place = "spec.ingress[0].from[0]"
    #expect(texts.allSatisfy { $0.hasPrefix(place) })
    return texts.map { String($0.dropFirst(place.count)) }
  }

  // MARK: Ports

  @Test func numbers() {
    let range = "must be between 1 and 65535, inclusive"
    #expect(faults(port: ["port": 80]) == [])
    #expect(faults(port: ["port": 65535]) == [])
    #expect(faults(port: ["port": 0]) == ["port: Invalid value: 0: \(range)"])
    #expect(faults(port: ["port": 65536]) == ["port: Invalid value: 65536: \(range)"])
    #expect(faults(port: ["port": -1]) == ["port: Invalid value: -1: \(range)"])
  }

  @Test func ranges() {
    let order = "must be greater than or equal to `port`"
    #expect(faults(port: ["port": 80, "endPort": 80]) == [])
    #expect(faults(port: ["port": 80, "endPort": 90]) == [])
    #expect(faults(port: ["port": 80, "endPort": 79]) == ["endPort: Invalid value: 79: \(order)"])
    #expect(
      faults(port: ["port": 80, "endPort": 65536])
        == ["endPort: Invalid value: 65536: must be between 1 and 65535, inclusive"])
    #expect(
      faults(port: ["port": 80, "endPort": 0]) == [
        "endPort: Invalid value: 0: \(order)", "endPort: Invalid value: 0: must be between 1 and 65535, inclusive",
      ])
    #expect(
      faults(port: ["port": "http", "endPort": 90])
        == ["endPort: Invalid value: 90: may not be specified when `port` is non-numeric"])
    #expect(
      faults(port: ["endPort": 90])
        == ["endPort: Invalid value: 90: may not be specified when `port` is not specified"])
  }

  @Test func names() {
    let letters = "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
    let letter = "must contain at least one letter (a-z)"
    #expect(faults(port: ["port": "http-1"]) == [])
    #expect(
      faults(port: ["port": "HTTP"]) == [
        "port: Invalid value: \"HTTP\": \(letters)", "port: Invalid value: \"HTTP\": \(letter)",
      ])
    #expect(
      faults(port: ["port": ""]) == ["port: Invalid value: \"\": \(letters)", "port: Invalid value: \"\": \(letter)"])
    #expect(faults(port: ["port": "80"]) == ["port: Invalid value: \"80\": \(letter)"])
    #expect(
      faults(port: ["port": "-a--b"]) == [
        "port: Invalid value: \"-a--b\": must not contain consecutive hyphens",
        "port: Invalid value: \"-a--b\": must not begin or end with a hyphen",
      ])
    #expect(
      faults(port: ["port": "abcdefghijklmnop"])
        == ["port: Invalid value: \"abcdefghijklmnop\": must be no more than 15 bytes"])
  }

  @Test func protocols() {
    for name: JSON in ["TCP", "UDP", "SCTP"] { #expect(faults(port: ["protocol": name, "port": 80]) == []) }
    let supported = "supported values: \"TCP\", \"UDP\", \"SCTP\""
    #expect(faults(port: ["protocol": "ICMP"]) == ["protocol: Unsupported value: \"ICMP\": \(supported)"])
    #expect(faults(port: ["protocol": "tcp"]) == ["protocol: Unsupported value: \"tcp\": \(supported)"])
    #expect(faults(port: ["protocol": ""]) == ["protocol: Unsupported value: \"\": \(supported)"])
  }

  // MARK: Peers

  @Test func whatAPeerIs() {
    #expect(faults(peer: ["podSelector": [:]]) == [])
    #expect(faults(peer: ["namespaceSelector": [:], "podSelector": [:]]) == [])
    #expect(faults(peer: [:]) == [": Required value: must specify a peer"])
    let both = ": Forbidden: may not specify both ipBlock and another peer"
    #expect(faults(peer: ["podSelector": [:], "ipBlock": ["cidr": "10.0.0.0/8"]]) == [both])
    #expect(faults(peer: ["namespaceSelector": [:], "ipBlock": ["cidr": "10.0.0.0/8"]]) == [both])
  }

  @Test func selectors() {
    #expect(
      faults(peer: ["podSelector": ["matchExpressions": [["key": "a", "operator": "In"]]]]) == [
        ".podSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"
      ])
    #expect(
      faults(peer: ["namespaceSelector": ["matchExpressions": [["key": "a", "operator": "Exists", "values": ["b"]]]]])
        == [
          ".namespaceSelector.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' "
            + "or 'DoesNotExist'"
        ])
    #expect(
      faults(["podSelector": ["matchExpressions": [["key": "a", "operator": "Like"]]]]) == [
        "spec.podSelector.matchExpressions[0].operator: Invalid value: \"Like\": not a valid selector operator"
      ])
    #expect(
      faults(["podSelector": ["matchLabels": ["a b": "c"]]]).first?.hasPrefix(
        "spec.podSelector.matchLabels: Invalid value: \"a b\": ") == true)
    #expect(
      faults(["podSelector": ["matchExpressions": [["key": "a", "operator": "NotIn", "values": ["c", "b c"]]]]]).first?
        .hasPrefix("spec.podSelector.matchExpressions[0].values[1]: Invalid value: \"b c\": ") == true)
  }

  // MARK: Blocks

  private func faults(block: JSON) -> [String] {
    faults(peer: ["ipBlock": block]).map { String($0.dropFirst(".ipBlock.".count)) }
  }

  @Test func blocks() {
    #expect(faults(block: ["cidr": "0.0.0.0/0"]) == [])
    #expect(faults(block: ["cidr": "2001:DB8::/32"]) == [])
    #expect(faults(block: [:]) == ["cidr: Required value"])
    #expect(faults(block: ["cidr": "", "except": ["nothing"]]) == ["cidr: Required value"])
    let valid = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
    for text in ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "any"] {
      #expect(faults(block: ["cidr": .string(text)]) == ["cidr: Invalid value: \"\(text)\": \(valid)"])
    }
    #expect(
      faults(block: ["cidr": "10.0.0.1/8"])
        == ["cidr: Invalid value: \"10.0.0.1/8\": must not have bits set beyond the prefix length"])
    #expect(
      faults(block: ["cidr": "10.0.0.0/08"])
        == ["cidr: Invalid value: \"10.0.0.0/08\": must not have leading 0s in IP or prefix length"])
    #expect(
      faults(block: ["cidr": "::ffff:10.0.0.0/104"])
        == ["cidr: Invalid value: \"::ffff:10.0.0.0/104\": must not have an IPv4-mapped IPv6 address"])
  }

  @Test func exceptions() {
    let subset = "must be a strict subset of `cidr`"
    #expect(faults(block: ["cidr": "10.0.0.0/8", "except": ["10.0.0.0/9", "10.0.0.0/16", "10.0.0.0/16"]]) == [])
    for text in ["11.0.0.0/9", "10.0.0.0/8", "0.0.0.0/0", "2001:db8::/64"] {
      #expect(
        faults(block: ["cidr": "10.0.0.0/8", "except": ["10.1.0.0/16", .string(text)]])
          == ["except[1]: Invalid value: \"\(text)\": \(subset)"])
    }
    #expect(
      faults(block: ["cidr": "10.0.0.0/8", "except": ["any"]])
        == ["except[0]: Invalid value: \"any\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"])
    // A block written as of old is compared all the same.
    #expect(
      faults(block: ["cidr": "010.0.0.0/8", "except": ["10.1.0.0/16", "11.0.0.0/9"]]) == [
        "cidr: Invalid value: \"010.0.0.0/8\": must not have leading 0s in IP or prefix length",
        "except[1]: Invalid value: \"11.0.0.0/9\": \(subset)",
      ])
    #expect(
      faults(block: ["cidr": "10.0.0.0/8", "except": ["010.0.0.0/8"]]) == [
        "except[0]: Invalid value: \"010.0.0.0/8\": must not have leading 0s in IP or prefix length",
        "except[0]: Invalid value: \"010.0.0.0/8\": \(subset)",
      ])
  }

  // MARK: The spec

  @Test func types() {
    for types: JSON in [["Ingress"], ["Egress"], ["Ingress", "Egress"], ["Egress", "Egress"]] {
      #expect(faults(["podSelector": [:], "policyTypes": types]) == [])
    }
    #expect(
      faults(["podSelector": [:], "policyTypes": ["ingress", "Egress"]]) == [
        "spec.policyTypes[0]: Unsupported value: \"ingress\": supported values: \"Ingress\", \"Egress\""
      ])
    #expect(
      faults(["podSelector": [:], "policyTypes": ["Ingress", "Egress", "Both"]]) == [
        "spec.policyTypes: Invalid value: [\"Ingress\",\"Egress\",\"Both\"]: may not specify more than two policyTypes"
      ])
  }

  @Test func faultsComeInOrder() {
    let rule: JSON = ["ports": [["port": 0]], "from": [[:]]]
    #expect(
      faults(["podSelector": [:], "policyTypes": ["X"], "egress": [["to": [[:]]]], "ingress": [[:], rule]]) == [
        "spec.ingress[1].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
        "spec.ingress[1].from[0]: Required value: must specify a peer",
        "spec.egress[0].to[0]: Required value: must specify a peer",
        "spec.policyTypes[0]: Unsupported value: \"X\": supported values: \"Ingress\", \"Egress\"",
      ])
  }

  /// Another version of a policy is judged as a new one is.
  @Test func changesAreJudgedAlike() {
    let before = policy(["podSelector": [:]])
    let after = policy(["podSelector": ["matchLabels": ["app": "web"]], "ingress": [["from": [[:]]]]])
    #expect(
      ValidationFixtures.messages(before, after, .networkPolicies)
        == ["spec.ingress[0].from[0]: Required value: must specify a peer"])
    #expect(ValidationFixtures.messages(after, before, .networkPolicies) == [])
  }

  // MARK: Defaults and warnings

  @Test func defaults() {
    #expect(policy([:]).spec == ["podSelector": [:], "policyTypes": ["Ingress"]])
    #expect(policy(["policyTypes": []]).spec["policyTypes"] == ["Ingress"])
    #expect(policy(["egress": []]).spec["policyTypes"] == ["Ingress"])
    #expect(policy(["egress": [[:]]]).spec["policyTypes"] == ["Ingress", "Egress"])
    #expect(policy(["policyTypes": ["Egress"], "ingress": [[:]]]).spec["policyTypes"] == ["Egress"])
    let spec = policy([
      "ingress": [["ports": [["port": 80], ["protocol": "UDP"], [:]]]], "egress": [["ports": [["port": "dns"]]]],
    ]).spec
    #expect(
      spec["ingress"] == [["ports": [["port": 80, "protocol": "TCP"], ["protocol": "UDP"], ["protocol": "TCP"]]]])
    #expect(spec["egress"] == [["ports": [["port": "dns", "protocol": "TCP"]]]])
  }

  @Test func warnings() {
    let peers: JSON = [
      ["podSelector": [:]], ["ipBlock": ["cidr": "2001:DB8::/32", "except": ["2001:db8::/48", "2001:db8:0::/64"]]],
    ]
    #expect(
      ObjectWarnings.warnings(
        for: policy(["ingress": [["from": peers]], "egress": [[:], ["to": [["ipBlock": ["cidr": "10.0.0.1/8"]]]]]]),
        kind: .networkPolicies) == [
          "spec.ingress[0].from[1].ipBlock.cidr: IPv6 CIDR value \"2001:DB8::/32\" should be in RFC 5952 canonical "
            + "format (\"2001:db8::/32\")",
          "spec.ingress[0].from[1].ipBlock.except[1]: IPv6 CIDR value \"2001:db8:0::/64\" should be in RFC 5952 "
            + "canonical format (\"2001:db8::/64\")",
          "spec.egress[1].to[0].ipBlock.cidr: CIDR value \"10.0.0.1/8\" is ambiguous in this context (should be "
            + "\"10.0.0.0/8\" or \"10.0.0.1/32\"?)",
        ])
    #expect(
      ObjectWarnings.warnings(
        for: policy(["ingress": [["from": [["ipBlock": ["cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]]]]]]]),
        kind: .networkPolicies) == [])
  }
}
