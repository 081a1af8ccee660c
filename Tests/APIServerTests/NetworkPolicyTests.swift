import JSONTree
import KubernetesAPI
import Testing

/// What the server makes of network policies: defaults, generations, warnings, faults.
@Suite struct NetworkPolicyTests {
  private func policy(_ spec: JSON?) -> JSON {
    var policy: JSON = [
      "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": ["name": "rules"],
    ]
    policy["spec"] = spec
    return policy
  }

  @Test func withoutASpecNothingComesIn() async throws {
    let space = try await TestServer.shared.namespace()
    let made = try await space.create(.networkPolicies, policy(nil)).object(201)
    #expect(made["spec"] == ["podSelector": [:], "policyTypes": ["Ingress"]])
    #expect(try await space.get(.networkPolicies, "rules").object() == made)
  }

  @Test func generationsCountChangesOfTheSpec() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.networkPolicies, "rules")
    let made = try await space.create(.networkPolicies, policy(["egress": [[:]]])).object(201)
    #expect(made.generation == 1 && made.spec["policyTypes"] == ["Ingress", "Egress"])
    let labelled = try await space.server.patch(path, ["metadata": ["labels": ["a": "b"]]]).object()
    #expect(labelled.generation == 1 && labelled.labels == ["a": "b"])
    let changed = try await space.server.patch(path, ["spec": ["egress": .null]]).object()
    #expect(changed.generation == 2)
    // The types were filled in when it was made, and stay.
    #expect(changed["spec"] == ["podSelector": [:], "policyTypes": ["Ingress", "Egress"]])
    // What is there already says nothing about a version: this is taken whatever came in between.
    var plain = policy(["podSelector": ["matchLabels": ["app": "web"]]])
    plain[path: "metadata", "namespace"] = .string(space.name)
    let replaced = try await space.server.put(path, plain).object()
    #expect(replaced.generation == 3 && replaced.spec["policyTypes"] == ["Ingress"])
    plain[path: "metadata", "name"] = "others"
    #expect(try await space.server.put(space.path(.networkPolicies, "others"), plain).code == 404)
  }

  @Test func oddFormsAreWarnedOf() async throws {
    let space = try await TestServer.shared.namespace()
    let spec: JSON = ["ingress": [["from": [["ipBlock": ["cidr": "2001:DB8::/32"]]]]]]
    let warning =
      "299 - \"spec.ingress[0].from[0].ipBlock.cidr: IPv6 CIDR value \\\"2001:DB8::/32\\\" should be in RFC 5952 "
      + "canonical format (\\\"2001:db8::/32\\\")\""
    let made = try await space.create(.networkPolicies, policy(spec))
    #expect(made.code == 201 && made.warnings == [warning])
    let path = space.path(.networkPolicies, "rules")
    #expect(try await space.server.patch(path, ["metadata": ["labels": ["a": "b"]]]).warnings == [warning])
  }

  @Test func faultsAreListed() async throws {
    let space = try await TestServer.shared.namespace()
    let spec: JSON = [
      "ingress": [["ports": [["port": 80, "endPort": 70, "protocol": "ICMP"]], "from": [[:]]]],
      "policyTypes": ["Ingress", "Out"],
    ]
    let status = try await space.create(.networkPolicies, policy(spec)).refused(
      422, "Invalid",
      "NetworkPolicy.networking.k8s.io \"rules\" is invalid: [spec.ingress[0].ports[0].protocol: Unsupported value: "
        + "\"ICMP\": supported values: \"TCP\", \"UDP\", \"SCTP\", spec.ingress[0].ports[0].endPort: Invalid value: 70: "
        + "must be greater than or equal to `port`, spec.ingress[0].from[0]: Required value: must specify a peer, "
        + "spec.policyTypes[1]: Unsupported value: \"Out\": supported values: \"Ingress\", \"Egress\"]")
    let causes = status[path: "details", "causes"]?.items ?? []
    #expect(
      causes.map { $0["reason"]?.string } == [
        "FieldValueNotSupported", "FieldValueInvalid", "FieldValueRequired", "FieldValueNotSupported",
      ])
    // Every type is checked before anything else is.
    let wrong = try await space.create(.networkPolicies, policy(["ingress": [["ports": [["port": true]]]]]))
    #expect(wrong.code == 400)
  }
}
