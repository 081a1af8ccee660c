import JSONTree
import KubernetesAPI
import Testing

@Suite struct ImmutabilityTests {
  @Test func aServiceKeepsItsClusterIP() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.services, "web")
    let made = try await space.create(.services, TestObjects.service("web")).object(201)
    let address = try #require(made.spec["clusterIP"]?.string)
    #expect(made.spec["clusterIPs"] == [.string(address)])
    // An update that leaves it out keeps it, as clients that apply manifests rely on.
    let update = TestObjects.service("web", spec: ["clusterIP": "", "selector": ["app": "b"]])
    let changed = try await space.server.put(path, update).object()
    #expect(changed.spec["clusterIP"]?.string == address)
    for other in ["None", "10.96.200.7", "10.96.0.1"] {
      let patch: JSON = ["spec": ["clusterIP": .string(other), "clusterIPs": [.string(other)]]]
      let status = try await space.server.patch(path, patch).refused(
        422, "Invalid",
        "Service \"web\" is invalid: spec.clusterIPs[0]: Invalid value: [\"\(other)\"]: may not change once set")
      #expect(status["details"]?["causes"]?.items.count == 1)
    }
    #expect(try await space.get(.services, "web").object() == changed)
  }

  @Test func aRefusedAddressIsFreeAgain() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.services, TestObjects.service("web")).object(201)
    let wish: JSON = ["spec": ["clusterIP": "10.96.201.9", "clusterIPs": ["10.96.201.9"]]]
    #expect(try await space.server.patch(space.path(.services, "web"), wish).code == 422)
    var other = TestObjects.service("other", spec: ["clusterIP": "10.96.201.9"])
    _ = try await space.create(.services, other).object(201)
    other[path: "metadata", "name"] = "third"
    try await space.create(.services, other).refused(
      422, "Invalid",
      "Service \"third\" is invalid: spec.clusterIPs: Invalid value: [\"10.96.201.9\"]: failed to allocate IP "
        + "10.96.201.9: provided IP is already allocated")
    _ = try await space.server.delete(space.path(.services, "other")).object()
    _ = try await space.create(.services, other).object(201)
  }

  @Test func aServiceThatFailsLeavesItsNodePorts() async throws {
    let space = try await TestServer.shared.namespace()
    func service(_ name: String, _ ports: [Int64]) -> JSON {
      let list = ports.enumerated().map { index, port -> JSON in
        ["name": .string("p\(index)"), "port": .int(80 + Int64(index)), "nodePort": .int(port)]
      }
      return TestObjects.service(name, spec: ["type": "NodePort", "ports": .array(list)])
    }
    try await space.create(.services, service("a", [30_111, 20_000])).refused(
      422, "Invalid",
      "Service \"a\" is invalid: spec.ports[1].nodePort: Invalid value: 20000: provided port is not in the valid "
        + "range. The range of valid ports is 30000-32767")
    _ = try await space.create(.services, service("b", [30_111])).object(201)
    let taken = try await space.create(.services, service("c", [30_111]))
    try taken.refused(
      422, "Invalid",
      "Service \"c\" is invalid: spec.ports[0].nodePort: Invalid value: 30111: provided port is already allocated")
  }

  @Test func whatOnlyTheOldTypeHasGoesWithIt() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.services, "web")
    let made = try await space.create(
      .services, TestObjects.service("web", spec: ["type": "LoadBalancer"])
    ).object(201)
    let port = try #require(made.spec["ports"]?.items.first?["nodePort"]?.int)
    #expect((30000...32767).contains(port) && made.spec["externalTrafficPolicy"] == "Cluster")
    let changed = try await space.server.patch(path, ["spec": ["type": "ClusterIP"]]).object()
    for member in ["externalTrafficPolicy", "allocateLoadBalancerNodePorts"] { #expect(changed.spec[member] == nil) }
    #expect(changed.spec["ports"]?.items.first?["nodePort"] == nil)
    #expect(changed.spec["clusterIP"] == made.spec["clusterIP"])
    // Whoever asks for a node port of a type that has none is told.
    let asked: JSON = ["spec": ["ports": [["port": 80, "nodePort": 30999]]]]
    try await space.server.patch(path, asked).refused(
      422, "Invalid",
      "Service \"web\" is invalid: spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'")
    let name = try await space.server.patch(path, ["spec": ["type": "ExternalName", "externalName": "a.example"]])
    #expect(try name.object().spec["clusterIP"] == nil)
  }

  @Test func aSelectorOfPodsStays() async throws {
    let space = try await TestServer.shared.namespace()
    for kind in [ResourceKind.deployments, .replicaSets] {
      let object = TestObjects.every("web").first { $0.kind == kind }?.object ?? [:]
      _ = try await space.create(kind, object).object(201)
      let status = try await space.server.patch(
        space.path(kind, "web"),
        [
          "spec": [
            "selector": ["matchLabels": ["tier": "x"]],
            "template": ["metadata": ["labels": ["app": "web", "tier": "x"]]],
          ]
        ]
      ).refused(
        422, "Invalid",
        "\(kind.kind).apps \"web\" is invalid: spec.selector: Invalid value: "
          + "{\"matchLabels\":{\"app\":\"web\",\"tier\":\"x\"}}: field is immutable")
      #expect(status["details"]?["causes"]?.items.count == 1)
    }
  }

  @Test func aPodKeepsItsContainers() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.pods, "web")
    _ = try await space.create(.pods, TestObjects.pod("web")).object(201)
    let image = try await space.server.patch(
      path, ["spec": ["containers": [["name": "web", "image": "web:2"]]]], as: .strategic
    ).object()
    #expect(image.spec["containers"]?.items.first?["image"] == "web:2" && image.generation == 2)
    let status = try await space.server.patch(
      path, ["spec": ["containers": [["name": "web", "workingDir": "/"]]]], as: .strategic
    ).object(422)
    #expect(
      status["message"]?.string?.hasPrefix(
        "Pod \"web\" is invalid: spec: Forbidden: pod updates may not change fields other than "
          + "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,") == true)
    #expect(status["details"]?["causes"]?.items.count == 1)
    let node = try await space.server.patch(path, ["spec": ["nodeName": "node-1"]])
    #expect(node.code == 422, "A pod is put on a node by a binding alone.")
  }

  @Test func secretsAndConfigMapsCanBeFrozen() async throws {
    let space = try await TestServer.shared.namespace()
    var frozen = TestObjects.configMap("a", data: ["x": "1"])
    frozen["immutable"] = true
    _ = try await space.create(.configMaps, frozen).object(201)
    let frozenMessage = "Forbidden: field is immutable when `immutable` is set"
    try await space.server.patch(space.path(.configMaps, "a"), ["data": ["x": "2"]]).refused(
      422, "Invalid", "ConfigMap \"a\" is invalid: data: \(frozenMessage)")
    try await space.server.patch(space.path(.configMaps, "a"), ["immutable": false]).refused(
      422, "Invalid", "ConfigMap \"a\" is invalid: immutable: \(frozenMessage)")
    var secret = TestObjects.secret("a", text: ["x": "1"])
    secret["immutable"] = true
    _ = try await space.create(.secrets, secret).object(201)
    try await space.server.patch(space.path(.secrets, "a"), ["stringData": ["x": "2"]]).refused(
      422, "Invalid", "Secret \"a\" is invalid: data: \(frozenMessage)")
    try await space.server.patch(space.path(.secrets, "a"), ["type": "other"]).refused(
      422, "Invalid", "Secret \"a\" is invalid: type: Invalid value: \"other\": field is immutable")
  }

  @Test func aSliceKeepsItsFamily() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.endpointSlices, TestObjects.slice("a")).object(201)
    try await space.server.patch(space.path(.endpointSlices, "a"), ["addressType": "FQDN"]).refused(
      422, "Invalid",
      "EndpointSlice.discovery.k8s.io \"a\" is invalid: addressType: Invalid value: \"FQDN\": field is immutable")
  }

  @Test func identityStaysWhateverAnUpdateSays() async throws {
    let space = try await TestServer.shared.namespace()
    let made = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    let changed = try await space.server.patch(
      space.path(.configMaps, "a"),
      [
        "metadata": [
          "creationTimestamp": "2001-01-01T00:00:00Z", "uid": .null, "deletionTimestamp": "2001-01-01T00:00:00Z",
        ]
      ]
    ).object()
    #expect(changed == made)
  }
}
