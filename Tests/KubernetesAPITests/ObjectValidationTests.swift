import JSONTree
import Testing

@testable import KubernetesAPI

@Suite struct ObjectValidationTests {
  private typealias Fixtures = ValidationFixtures

  @Test func namesAreJudged() {
    let named = { (name: JSON) in Fixtures.pod { $0[path: "metadata", "name"] = name } }
    #expect(
      Fixtures.messages(named("A"), .pods) == [
        "metadata.name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric "
          + "characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex "
          + "used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
      ])
    #expect(
      Fixtures.messages(named(""), .pods) == ["metadata.name: Required value: name or generateName is required"])
    let digits = Fixtures.service { $0[path: "metadata", "name"] = "1a" }
    #expect(Fixtures.messages(digits, .services).first?.contains("a DNS-1035 label must consist of") == true)
  }

  @Test func metadataIsJudged() {
    let labelled = Fixtures.pod { $0[path: "metadata", "labels"] = ["a b": "x", "c": "-"] }
    let messages = Fixtures.messages(labelled, .pods)
    #expect(messages.count == 2)
    #expect(messages[0].hasPrefix("metadata.labels: Invalid value: \"a b\": name part must consist of"))
    #expect(messages[1].hasPrefix("metadata.labels: Invalid value: \"-\": a valid label must be an empty string"))
    let annotated = Fixtures.pod {
      $0[path: "metadata", "annotations"] = ["a": .string(String(repeating: "x", count: 262_145))]
    }
    #expect(
      Fixtures.messages(annotated, .pods) == ["metadata.annotations: Too long: may not be more than 262144 bytes"])
    let owned = Fixtures.pod {
      $0[path: "metadata", "ownerReferences"] = [["apiVersion": "v1", "kind": "A", "name": "b"]]
    }
    #expect(
      Fixtures.messages(owned, .pods)
        == ["metadata.ownerReferences[0].uid: Invalid value: \"\": must not be empty"])
  }

  @Test func identityStays() {
    let old = Fixtures.pod { $0[path: "metadata", "uid"] = "1" }
    let new = Fixtures.pod { $0[path: "metadata", "uid"] = "2" }
    #expect(Fixtures.messages(old, new, .pods) == ["metadata.uid: Invalid value: \"2\": field is immutable"])
  }

  @Test func theAnswerNamesKindAndFaults() {
    let bad = Fixtures.deployment { $0[path: "spec", "replicas"] = -1 }
    let faults = ObjectValidation.faults(creating: bad, kind: .deployments)
    #expect(
      faults.statusMessage(kind: .deployments, name: "web")
        == "Deployment.apps \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0")
    #expect(
      faults.statusCauses == [
        [
          "reason": "FieldValueInvalid", "message": "Invalid value: -1: must be greater than or equal to 0",
          "field": "spec.replicas",
        ]
      ])
    let two = faults + [FieldError.required(FieldPath("a"))] + faults
    #expect(
      two.statusMessage(kind: .pods, name: "p")
        == "Pod \"p\" is invalid: [spec.replicas: Invalid value: -1: must be greater than or equal to 0, "
        + "a: Required value]")
  }

  @Test func services() {
    #expect(Fixtures.messages(Fixtures.service(), .services).isEmpty)
    let ported = { (ports: JSON) in Fixtures.messages(Fixtures.service { $0[path: "spec", "ports"] = ports }, .services)
    }
    #expect(ported([]) == ["spec.ports: Required value"])
    #expect(
      ported([["port": 80], ["port": 443, "name": "s"]]) == ["spec.ports[0].name: Required value"])
    #expect(
      ported([["port": 80, "name": "a"], ["port": 80, "name": "b"]])
        == [
          "spec.ports[1]: Duplicate value: {\"Name\":\"\",\"Protocol\":\"TCP\",\"AppProtocol\":null,\"Port\":80,"
            + "\"TargetPort\":0,\"NodePort\":0}"
        ])
    #expect(
      ported([["port": 80, "nodePort": 30000]])
        == ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"])
    let headless = Fixtures.service { $0[path: "spec"] = ["clusterIP": "None", "clusterIPs": ["None"]] }
    #expect(Fixtures.messages(headless, .services).isEmpty)
    let external = Fixtures.service { $0[path: "spec"] = ["type": "ExternalName"] }
    #expect(Fixtures.messages(external, .services) == ["spec.externalName: Required value"])
    let odd = Fixtures.service { $0[path: "spec", "externalTrafficPolicy"] = "Local" }
    #expect(
      Fixtures.messages(odd, .services) == [
        "spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for externally-accessible services"
      ])
  }

  @Test func deployments() {
    #expect(Fixtures.messages(Fixtures.deployment(), .deployments).isEmpty)
    let other = Fixtures.deployment { $0[path: "spec", "selector"] = ["matchLabels": ["app": "db"]] }
    #expect(
      Fixtures.messages(other, .deployments) == [
        "spec.template.metadata.labels: Invalid value: {\"app\":\"web\"}: `selector` does not match template `labels`"
      ])
    #expect(
      Fixtures.messages(Fixtures.deployment(), other, .deployments).contains(
        "spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"db\"}}: field is immutable"))
    let bare = Fixtures.deployment { $0[path: "spec", "selector"] = JSON?.none }
    #expect(Fixtures.messages(bare, .deployments) == ["spec.selector: Required value"])
    let stuck = Fixtures.deployment {
      $0[path: "spec", "strategy"] = ["rollingUpdate": ["maxSurge": 0, "maxUnavailable": "0%"]]
    }
    #expect(
      Fixtures.messages(stuck, .deployments) == [
        "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"0%\": may not be 0 when `maxSurge` is 0"
      ])
    let once = Fixtures.deployment { $0[path: "spec", "template", "spec", "restartPolicy"] = "Never" }
    #expect(
      Fixtures.messages(once, .deployments)
        == ["spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\""])
  }

  @Test func configuration() {
    let object: JSON = ["metadata": ["name": "c", "namespace": "d"], "data": ["a/b": "x"]]
    #expect(
      Fixtures.messages(object, .configMaps).first?.hasPrefix("data[a/b]: Invalid value: \"a/b\": a valid config")
        == true)
    let old: JSON = ["metadata": ["name": "c", "namespace": "d"], "data": ["a": "x"], "immutable": true]
    var new = old
    new[path: "data", "a"] = "y"
    #expect(
      Fixtures.messages(old, new, .configMaps)
        == ["data: Forbidden: field is immutable when `immutable` is set"])
    let secret: JSON = ["metadata": ["name": "s", "namespace": "d"], "type": "kubernetes.io/tls"]
    #expect(
      Fixtures.messages(secret, .secrets) == ["data[tls.crt]: Required value", "data[tls.key]: Required value"])
  }

  @Test func endpointSlices() {
    func slice(_ type: JSON, _ address: JSON) -> JSON {
      [
        "metadata": ["name": "s", "namespace": "d"], "addressType": type, "endpoints": [["addresses": [address]]],
        "ports": [["name": "", "protocol": "TCP", "port": 80]],
      ]
    }
    #expect(Fixtures.messages(slice("IPv4", "10.0.0.1"), .endpointSlices).isEmpty)
    #expect(
      Fixtures.messages(slice("IPv4", "::2"), .endpointSlices)
        == ["endpoints[0].addresses[0]: Invalid value: \"::2\": must be a valid IPv4 address"])
    #expect(
      Fixtures.messages(slice("IPv4", "127.0.0.1"), .endpointSlices) == [
        "endpoints[0].addresses[0]: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, "
          + "::1/128)"
      ])
    #expect(
      Fixtures.messages(slice("IPv4", "10.0.0.1"), slice("FQDN", "a.b"), .endpointSlices)
        == ["addressType: Invalid value: \"FQDN\": field is immutable"])
  }

  @Test func nodesLeasesAndEvents() {
    let node: JSON = ["metadata": ["name": "n"], "spec": ["podCIDRs": ["10.0.0.0/24"]]]
    var moved = node
    moved[path: "spec", "podCIDRs"] = ["10.0.1.0/24"]
    #expect(
      Fixtures.messages(node, moved, .nodes)
        == ["spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid"])
    let lease: JSON = ["metadata": ["name": "l", "namespace": "d"], "spec": ["leaseDurationSeconds": 0]]
    #expect(
      Fixtures.messages(lease, .leases)
        == ["spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"])
    let event: JSON = [
      "metadata": ["name": "e", "namespace": "d"], "involvedObject": ["kind": "Pod", "namespace": "x"],
    ]
    #expect(
      Fixtures.messages(event, .coreEvents)
        == ["involvedObject.namespace: Invalid value: \"x\": does not match event.namespace"])
  }
}
