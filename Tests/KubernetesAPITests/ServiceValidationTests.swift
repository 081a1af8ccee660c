import JSONTree
import Testing

@testable import KubernetesAPI

private typealias Fixtures = ValidationFixtures

@Suite struct ServiceValidationTests {
  /// What is wrong with a Service of which these members of the specification are other than a good one's.
  private func messages(_ spec: JSON, annotations: JSON? = nil) -> [String] {
    Fixtures.messages(service(spec, annotations: annotations), .services)
  }

  private func service(_ spec: JSON, annotations: JSON? = nil) -> JSON {
    Fixtures.service { service in
      for member in spec.object?.members ?? [] {
        service[path: "spec", member.key] = member.value.isNull ? nil : member.value
      }
      service[path: "metadata", "annotations"] = annotations
    }
  }

  private func updated(_ old: JSON, _ new: JSON) -> [String] {
    Fixtures.messages(service(old), service(new), .services)
  }

  @Test func affinityLastsADayAtMost() {
    func affinity(_ seconds: Int64) -> [String] {
      messages([
        "sessionAffinity": "ClientIP", "sessionAffinityConfig": ["clientIP": ["timeoutSeconds": .int(seconds)]],
      ])
    }
    #expect(affinity(1).isEmpty && affinity(86400).isEmpty)
    for seconds: Int64 in [0, 86401] {
      #expect(
        affinity(seconds) == [
          "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: \(seconds): must be greater than 0 and "
            + "less than 86400"
        ])
    }
    #expect(
      messages(["sessionAffinity": "Sometimes"]) == [
        "spec.sessionAffinity: Unsupported value: \"Sometimes\": supported values: \"ClientIP\", \"None\""
      ])
  }

  @Test func externalAddresses() {
    #expect(messages(["externalIPs": ["192.0.2.7", "2001:db8::7"]]).isEmpty)
    for (address, why) in [
      ("127.0.0.1", "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
      ("::1", "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
      ("0.0.0.0", "may not be unspecified (0.0.0.0)"), ("::", "may not be unspecified (::)"),
      ("169.254.3.4", "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
      ("fe80::1", "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
      ("224.0.0.9", "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"),
      ("ff02::1", "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"),
      ("192.0.2.07", "must not have leading 0s"), ("::ffff:192.0.2.7", "must not be an IPv4-mapped IPv6 address"),
      ("myhost.mydomain", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"),
    ] {
      #expect(
        messages(["externalIPs": [.string(address)]])
          == ["spec.externalIPs[0]: Invalid value: \"\(address)\": \(why)"])
    }
  }

  @Test func sourceRanges() {
    let balanced: JSON = ["type": "LoadBalancer", "externalTrafficPolicy": "Cluster"]
    func ranges(_ list: JSON) -> [String] {
      var spec = balanced
      spec["loadBalancerSourceRanges"] = list
      return messages(spec)
    }
    #expect(ranges(["1.2.3.0/24", " 2001:db8::/32 "]).isEmpty)
    #expect(
      ranges(["foo", "1.2.3.4/24", "010.0.0.0/8"]) == [
        "spec.LoadBalancerSourceRanges[0]: Invalid value: \"foo\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or "
          + "2001:db8::/64)",
        "spec.LoadBalancerSourceRanges[1]: Invalid value: \"1.2.3.4/24\": must not have bits set beyond the prefix "
          + "length",
        "spec.LoadBalancerSourceRanges[2]: Invalid value: \"010.0.0.0/8\": must not have leading 0s in IP or prefix "
          + "length",
      ])
    #expect(
      messages(["loadBalancerSourceRanges": ["1.2.3.0/24"]])
        == ["spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'"])
    let key = "service.beta.kubernetes.io/load-balancer-source-ranges"
    #expect(messages(balanced, annotations: [key: "1.2.3.0/24, 4.5.6.0/24"]).isEmpty)
    #expect(messages(balanced, annotations: [key: "  "]).isEmpty)
    #expect(
      messages(balanced, annotations: [key: "1.2.3.0/24,x"]) == [
        "metadata.annotations[\(key)]: Invalid value: \"x\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or "
          + "2001:db8::/64)"
      ])
    #expect(
      messages([:], annotations: [key: "1.2.3.0/24"])
        == ["metadata.annotations[\(key)]: Forbidden: may only be used when `type` is 'LoadBalancer'"])
  }

  @Test func whatOnlyLoadBalancersHave() {
    #expect(
      messages(["loadBalancerClass": "example.com/a", "allocateLoadBalancerNodePorts": true]) == [
        "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
        "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
      ])
    #expect(messages(["type": "LoadBalancer", "loadBalancerClass": "example.com/a"]).isEmpty)
    #expect(messages(["type": "LoadBalancer", "loadBalancerClass": "a b"]).count == 1)
    #expect(
      updated(
        ["type": "LoadBalancer", "loadBalancerClass": "a/b"], ["type": "LoadBalancer", "loadBalancerClass": "a/c"])
        == ["spec.loadBalancerClass: Invalid value: \"a/c\": may not change once set"])
    #expect(
      updated(["type": "LoadBalancer"], ["type": "LoadBalancer", "loadBalancerClass": "a/c"])
        == ["spec.loadBalancerClass: Invalid value: \"a/c\": may not change once set"])
    #expect(updated(["type": "ClusterIP"], ["type": "LoadBalancer", "loadBalancerClass": "a/c"]).isEmpty)
    #expect(
      messages(["healthCheckNodePort": 31000]) == [
        "spec.healthCheckNodePort: Invalid value: 31000: may only be set when `type` is 'LoadBalancer' and "
          + "`externalTrafficPolicy` is 'Local'"
      ])
    let local: JSON = ["type": "LoadBalancer", "externalTrafficPolicy": "Local", "healthCheckNodePort": 31000]
    #expect(messages(local).isEmpty)
    var other = local
    other["healthCheckNodePort"] = 31001
    #expect(updated(local, other) == ["spec.healthCheckNodePort: Forbidden: field is immutable"])
    other["healthCheckNodePort"] = nil
    #expect(messages(other) == ["spec.healthCheckNodePort: Required value"])
  }

  @Test func policies() {
    #expect(messages(["type": "NodePort", "externalTrafficPolicy": "Local"]).isEmpty)
    #expect(messages(["externalIPs": ["192.0.2.7"], "externalTrafficPolicy": "Local"]).isEmpty)
    #expect(
      messages(["type": "NodePort", "externalTrafficPolicy": "Global"]) == [
        "spec.externalTrafficPolicy: Unsupported value: \"Global\": supported values: \"Cluster\", \"Local\""
      ])
    #expect(
      messages(["internalTrafficPolicy": "Near"]) == [
        "spec.internalTrafficPolicy: Unsupported value: \"Near\": supported values: \"Cluster\", \"Local\""
      ])
    for name in ["PreferClose", "PreferSameZone", "PreferSameNode"] {
      #expect(messages(["trafficDistribution": .string(name)]).isEmpty)
    }
    #expect(
      messages(["trafficDistribution": "PreferFar"]) == [
        "spec.trafficDistribution: Unsupported value: \"PreferFar\": supported values: \"PreferClose\", "
          + "\"PreferSameNode\", \"PreferSameZone\""
      ])
    let (mode, hints) = ("service.kubernetes.io/topology-mode", "service.kubernetes.io/topology-aware-hints")
    #expect(messages([:], annotations: [mode: "Auto", hints: "Auto"]).isEmpty)
    #expect(
      messages([:], annotations: [mode: "Auto", hints: "Disabled"]) == [
        "metadata.annotations[\(mode)]: Invalid value: \"Auto\": must match annotations[\(hints)] when both are "
          + "specified"
      ])
  }

  @Test func names() {
    let external: JSON = ["type": "ExternalName", "ports": .null, "selector": .null]
    func named(_ name: String) -> [String] {
      var spec = external
      spec["externalName"] = .string(name)
      return messages(spec)
    }
    #expect(named("a.example").isEmpty && named("a.example.").isEmpty)
    #expect(named(".") == ["spec.externalName: Required value"])
    #expect(named("A_").first?.hasPrefix("spec.externalName: Invalid value: \"A_\": a lowercase RFC 1123") == true)
    var addressed = external
    for (member, value): (String, JSON) in [
      ("externalName", "a.example"), ("clusterIP", "10.0.0.1"), ("clusterIPs", ["10.0.0.1"]),
      ("ipFamilies", ["IPv4"]), ("ipFamilyPolicy", "SingleStack"),
    ] { addressed[member] = value }
    #expect(
      messages(addressed)
        == ["clusterIPs", "ipFamilies", "ipFamilyPolicy"].map {
          "spec.\($0): Forbidden: may not be set for ExternalName services"
        })
  }

  @Test func addressesAndFamiliesAgree() {
    let path = "spec.clusterIPs"
    func wrong(_ single: JSON, _ list: JSON, _ families: JSON = .null) -> [String] {
      messages(["clusterIP": single, "clusterIPs": list, "ipFamilies": families])
    }
    #expect(wrong("10.0.0.1", ["10.0.0.1", "2001:db8::1"], ["IPv4", "IPv6"]).isEmpty)
    #expect(wrong("10.0.0.1", .null) == ["\(path): Required value"])
    #expect(
      wrong("10.0.0.1", ["10.0.0.2"]) == [
        "\(path): Invalid value: [\"10.0.0.2\"]: first value must match `clusterIP`"
      ])
    #expect(
      wrong("", ["10.0.0.2"])
        == ["\(path): Invalid value: [\"10.0.0.2\"]: must be empty when `clusterIP` is not specified"])
    #expect(
      wrong("None", ["None", "10.0.0.2"])
        == ["\(path): Invalid value: [\"None\",\"10.0.0.2\"]: 'None' must be the first and only value"])
    #expect(
      wrong("10.0.0.1", ["10.0.0.1", "10.0.0.2"]) == [
        "\(path): Invalid value: [\"10.0.0.1\",\"10.0.0.2\"]: may specify no more than one IP for each IP family"
      ])
    #expect(
      wrong("10.0.0.1", ["10.0.0.1", "2001:db8::1", "2001:db8::2"])
        == ["\(path): Invalid value: [\"10.0.0.1\",\"2001:db8::1\",\"2001:db8::2\"]: may only hold up to 2 values"])
    #expect(
      wrong("10.0.0.1", ["10.0.0.1"], ["IPv6"])
        == ["\(path)[0]: Invalid value: \"10.0.0.1\": expected an IPv6 value as indicated by `ipFamilies[0]`"])
    #expect(
      wrong("2001:db8::1", ["2001:db8::1"], ["IPv4"])
        == ["\(path)[0]: Invalid value: \"2001:db8::1\": expected an IPv4 value as indicated by `ipFamilies[0]`"])
    #expect(
      messages(["ipFamilies": ["IPv4", "IPv4", "IPX"]]) == [
        "spec.ipFamilies[1]: Duplicate value: \"IPv4\"",
        "spec.ipFamilies[2]: Unsupported value: \"IPX\": supported values: \"IPv4\", \"IPv6\"",
      ])
    #expect(
      messages(["ipFamilyPolicy": "Some"]) == [
        "spec.ipFamilyPolicy: Unsupported value: \"Some\": supported values: \"PreferDualStack\", "
          + "\"RequireDualStack\", \"SingleStack\""
      ])
    for type in ["NodePort", "LoadBalancer"] {
      #expect(
        messages(["type": .string(type), "clusterIP": "None", "clusterIPs": ["None"]])
          == ["\(path)[0]: Invalid value: \"None\": may not be set to 'None' for \(type) services"])
    }
  }

  @Test func onlyTheSecondFamilyMayChange() {
    func dual(_ first: String, _ second: String?, policy: String = "RequireDualStack") -> JSON {
      var spec: JSON = [
        "clusterIP": .string(first), "clusterIPs": [.string(first)], "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": .string(policy),
      ]
      guard let second else { return spec }
      spec["clusterIPs"] = [.string(first), .string(second)]
      spec["ipFamilies"] = ["IPv4", "IPv6"]
      return spec
    }
    let one = dual("10.0.0.1", nil, policy: "SingleStack")
    let both = dual("10.0.0.1", "2001:db8::1")
    #expect(updated(one, both).isEmpty && updated(both, one).isEmpty)
    #expect(
      updated(both, dual("10.0.0.1", "2001:db8::2"))
        == ["spec.clusterIPs[1]: Invalid value: [\"10.0.0.1\",\"2001:db8::2\"]: may not change once set"])
    #expect(
      updated(one, dual("10.0.0.2", "2001:db8::1"))
        == ["spec.clusterIPs[0]: Invalid value: [\"10.0.0.2\",\"2001:db8::1\"]: may not change once set"])
    #expect(
      updated(both, dual("10.0.0.1", nil, policy: "PreferDualStack")) == [
        "spec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be set to 'SingleStack' when releasing the "
          + "secondary clusterIP",
        "spec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be set to 'SingleStack' when releasing the "
          + "secondary ipFamily",
      ])
    var swapped = both
    swapped["ipFamilies"] = ["IPv6", "IPv4"]
    #expect(
      updated(both, swapped).contains("spec.ipFamilies[0]: Invalid value: [\"IPv6\",\"IPv4\"]: may not change once set")
    )
    // Headless Services have no addresses, and may change their families as they like.
    let headless: JSON = ["clusterIP": "None", "clusterIPs": ["None"], "ipFamilies": ["IPv4"]]
    var other = headless
    other["ipFamilies"] = ["IPv6"]
    #expect(updated(headless, other).isEmpty)
    #expect(
      updated(headless, ["clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"]])
        == ["spec.clusterIPs[0]: Invalid value: [\"10.0.0.1\"]: may not change once set"])
  }

  @Test func ports() {
    func ported(_ ports: JSON) -> [String] { messages(["type": "NodePort", "ports": ports]) }
    #expect(ported([["port": 53, "name": "a"], ["port": 53, "name": "b", "protocol": "UDP"]]).isEmpty)
    #expect(
      ported([
        ["port": 80, "name": "a", "nodePort": 30001], ["port": 81, "name": "a", "nodePort": 30001],
        ["port": 82, "name": "c", "nodePort": 30001, "protocol": "UDP"],
      ]) == [
        "spec.ports[1].name: Duplicate value: \"a\"", "spec.ports[1].nodePort: Duplicate value: 30001",
      ])
    #expect(
      ported([["port": 0, "targetPort": "Web", "appProtocol": "a/b/c", "protocol": "ICMP"]]).map {
        $0.prefix { $0 != ":" }
      } == [
        "spec.ports[0].port", "spec.ports[0].protocol", "spec.ports[0].targetPort",
        "spec.ports[0].appProtocol",
      ])
  }

  @Test func statuses() {
    let balanced = service(["type": "LoadBalancer"])
    func status(_ ingress: JSON, of service: JSON) -> [String] {
      var changed = service
      changed[path: "status", "loadBalancer", "ingress"] = ingress
      return ObjectValidation.faults(updating: service, to: changed, kind: .services, subresource: "status")
        .map(\.description)
    }
    let here = "status.loadBalancer.ingress[0]"
    #expect(status([["ip": "192.0.2.1", "ipMode": "VIP"], ["hostname": "a.example"]], of: balanced).isEmpty)
    #expect(
      status([["ip": "192.0.2.1", "ipMode": "VIP"]], of: service([:])) == [
        "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"
      ])
    #expect(
      status([["ip": "192.0.2.1"]], of: balanced)
        == ["\(here).ipMode: Required value: must be specified when `ip` is set"])
    #expect(
      status([["hostname": "192.0.2.1", "ipMode": "VIP"]], of: balanced) == [
        "\(here).ipMode: Forbidden: may not be specified when `ip` is not set",
        "\(here).hostname: Invalid value: \"192.0.2.1\": must be a DNS name, not an IP address",
      ])
    #expect(
      status([["ip": "192.0.2.1", "ipMode": "Ghost"]], of: balanced)
        == ["\(here).ipMode: Unsupported value: \"Ghost\": supported values: \"Proxy\", \"VIP\""])
    #expect(
      status([["ip": "x", "ipMode": "VIP"]], of: balanced) == [
        "\(here).ip: Invalid value: \"x\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
      ])
  }
}
