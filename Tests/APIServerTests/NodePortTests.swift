import JSONTree
import KubernetesAPI
import NetworkTypes
import Testing

@testable import APIServer

@Suite struct NodePortTests {
  private func service(_ name: String, _ ports: JSON, spec: JSON = [:]) -> JSON {
    var service = TestObjects.service(name, spec: ["type": "NodePort", "ports": ports])
    for member in spec.object?.members ?? [] { service[path: "spec", member.key] = member.value }
    return service
  }

  private func nodePorts(_ service: JSON) -> [Int64] {
    (service.spec["ports"]?.items ?? []).map { $0["nodePort"]?.int ?? 0 }
  }

  private func refusal(_ name: String, _ index: Int, _ port: Int64) -> String {
    "Service \"\(name)\" is invalid: spec.ports[\(index)].nodePort: Invalid value: \(port): provided port is already "
      + "allocated"
  }

  @Test func whoNamesNoneGetsOneOfTheUpperBand() async throws {
    let server = try await TestServer()
    let space = try await server.namespace()
    for number in 0..<40 {
      let made = try await space.create(.services, service("s\(number)", [["port": 80]])).object(201)
      #expect((30086...32767).contains(nodePorts(made)[0]))
    }
  }

  @Test func onePortNumberHasOneNodePortOverAllProtocols() async throws {
    let server = try await TestServer()
    let space = try await server.namespace()
    let ports: JSON = [
      ["name": "t", "port": 53], ["name": "u", "port": 53, "protocol": "UDP"], ["name": "o", "port": 54],
    ]
    let given = nodePorts(try await space.create(.services, service("a", ports)).object(201))
    #expect(given[0] == given[1] && given[2] != given[0])
    let named: JSON = [
      ["name": "t", "port": 53], ["name": "u", "port": 53, "protocol": "UDP", "nodePort": 30010],
    ]
    #expect(
      nodePorts(try await space.create(.services, service("b", named)).object(201)) == [30010, 30010])
    // A number is one Service's, whatever the protocol.
    let other: JSON = [["port": 99, "protocol": "SCTP", "nodePort": 30010]]
    try await space.create(.services, service("c", other)).refused(422, "Invalid", refusal("c", 0, 30010))
    let twice: JSON = [
      ["name": "a", "port": 1, "nodePort": 30011], ["name": "b", "port": 2, "protocol": "UDP", "nodePort": 30011],
    ]
    try await space.create(.services, service("d", twice)).refused(422, "Invalid", refusal("d", 1, 30011))
    let apart: JSON = [
      ["name": "t", "port": 53, "nodePort": 30011],
      ["name": "u", "port": 53, "protocol": "UDP", "nodePort": 30012],
    ]
    #expect(nodePorts(try await space.create(.services, service("d", apart)).object(201)) == [30011, 30012])
  }

  @Test func aTypeWithoutNodePortsLendsNone() async throws {
    let server = try await TestServer()
    let space = try await server.namespace()
    let taken = [["port": 80, "nodePort": 30020]] as JSON
    _ = try await space.create(.services, service("first", taken)).object(201)
    for (name, port) in [("low", Int64(22)), ("other", 30020)] {
      let outside = TestObjects.service(
        name,
        spec: ["type": "ExternalName", "externalName": "example.com", "ports": [["port": 80, "nodePort": .int(port)]]])
      var made = try await space.create(.services, outside).object(201)
      made[path: "spec", "type"] = "NodePort"
      made[path: "spec", "externalName"] = nil
      let answer = try await server.put(space.path(.services, name), made)
      #expect(answer.code == 422, "\(name)")
    }
  }

  @Test func aThousandPorts() async throws {
    let server = try await TestServer()
    let space = try await server.namespace()
    let ports = JSON.array((1...1000).map { ["name": .string("p\($0)"), "port": .int($0)] })
    let made = try await space.create(.services, service("many", ports)).object(201)
    #expect(Set(nodePorts(made)).count == 1000)
    let same = try await server.put(space.path(.services, "many"), service("many", ports)).object()
    #expect(nodePorts(same) == nodePorts(made))
    _ = try await server.delete(space.path(.services, "many")).object()
    for number in 0..<2 { _ = try await space.create(.services, service("s\(number)", ports)).object(201) }
    let less = JSON.array(Array(ports.items.prefix(769)))
    let full = try await space.create(.services, service("late", less))
    try full.refused(
      500, "InternalError", "Internal error occurred: failed to allocate a nodePort: range is full")
    // What the one that failed had taken is free again.
    _ = try await space.create(.services, service("late", JSON.array(Array(ports.items.prefix(768))))).object(201)
  }

  @Test func portsFollowTheType() async throws {
    let server = try await TestServer()
    let space = try await server.namespace()
    let path = space.path(.services, "web")
    _ = try await space.create(.services, service("web", [["port": 80, "nodePort": 30020]])).object(201)
    for type in ["ClusterIP", "ExternalName"] {
      let left = try await server.patch(
        path, ["spec": ["type": .string(type), "externalName": type == "ExternalName" ? "a.example" : .null]]
      ).object()
      #expect(nodePorts(left) == [0])
      _ = try await space.create(.services, service("other", [["port": 80, "nodePort": 30020]])).object(201)
      _ = try await server.delete(space.path(.services, "other")).object()
      let ports: JSON = [["port": 80, "protocol": "TCP", "nodePort": 30020]]
      let back = try await server.patch(
        path, ["spec": ["type": "NodePort", "externalName": .null, "ports": ports]]
      ).object()
      #expect(nodePorts(back) == [30020])
    }
    // Another port takes the place of the old one, which is free then.
    _ = try await server.patch(path, ["spec": ["ports": [["port": 80, "nodePort": 30021]]]]).object()
    _ = try await space.create(.services, service("other", [["port": 80, "nodePort": 30020]])).object(201)
    try await server.patch(path, ["spec": ["ports": [["port": 80, "nodePort": 30020]]]]).refused(
      422, "Invalid", refusal("web", 0, 30020))
    try await server.patch(path, ["spec": ["ports": [["port": 80, "nodePort": 20]]]]).refused(
      422, "Invalid",
      "Service \"web\" is invalid: spec.ports[0].nodePort: Invalid value: 20: provided port is not in the valid range. "
        + "The range of valid ports is 30000-32767")
  }

  @Test func whatIsRefusedCostsNobodyAPort() async throws {
    let server = try await TestServer()
    let space = try await server.namespace()
    _ = try await space.create(.services, service("a", [["port": 80, "nodePort": 30030]])).object(201)
    _ = try await space.create(.services, TestObjects.service("b")).object(201)
    // Neither of these has the port, and neither may give it back.
    let clusterIP = TestObjects.service("c", spec: ["ports": [["port": 80, "nodePort": 30030]]])
    #expect(try await space.create(.services, clusterIP).code == 422)
    let patch: JSON = ["spec": ["ports": [["port": 80, "nodePort": 30030]]]]
    #expect(try await server.patch(space.path(.services, "b"), patch).code == 422)
    _ = try await space.create(
      .services, service("d", [["port": 80, "nodePort": 30031]]), query: "?dryRun=All"
    ).object(201)
    #expect(
      try await space.create(.services, service("e", [["port": 80, "nodePort": 30030]]), query: "?dryRun=All").code
        == 422)
    let update = try await server.patch(
      space.path(.services, "a") + "?dryRun=All", ["spec": ["ports": [["port": 80, "nodePort": 30032]]]])
    #expect(nodePorts(try update.object()) == [30032])
    try await space.create(.services, service("f", [["port": 80, "nodePort": 30030]])).refused(
      422, "Invalid", refusal("f", 0, 30030))
    _ = try await space.create(.services, service("f", [["port": 80, "nodePort": 30032]])).object(201)
    _ = try await space.create(.services, service("g", [["port": 80, "nodePort": 30031]])).object(201)
  }

  @Test func loadBalancersMayDoWithoutNodePorts() async throws {
    let server = try await TestServer()
    let space = try await server.namespace()
    let path = space.path(.services, "web")
    let spec: JSON = ["type": "LoadBalancer", "allocateLoadBalancerNodePorts": false]
    let ports: JSON = [["name": "a", "port": 80], ["name": "b", "port": 81, "nodePort": 30040]]
    let made = try await space.create(.services, service("web", ports, spec: spec)).object(201)
    #expect(nodePorts(made) == [0, 30040])
    let more = try await server.patch(path, ["spec": ["allocateLoadBalancerNodePorts": true]]).object()
    #expect(nodePorts(more)[0] >= 30086 && nodePorts(more)[1] == 30040)
    // What is there stays until it is taken out.
    let kept = try await server.patch(path, ["spec": ["allocateLoadBalancerNodePorts": false]]).object()
    #expect(nodePorts(kept) == nodePorts(more))
  }

  @Test func healthCheckPorts() async throws {
    let server = try await TestServer()
    let space = try await server.namespace()
    let path = space.path(.services, "web")
    let local: JSON = ["type": "LoadBalancer", "externalTrafficPolicy": "Local"]
    let made = try await space.create(.services, service("web", [["port": 80]], spec: local)).object(201)
    let port = try #require(made.spec["healthCheckNodePort"]?.int)
    #expect((30086...32767).contains(port) && nodePorts(made)[0] != port)
    // The manifest once more leaves it.
    let again = try await server.put(path, service("web", [["port": 80]], spec: local)).object()
    #expect(again.spec["healthCheckNodePort"]?.int == port)
    try await server.patch(path, ["spec": ["healthCheckNodePort": 30050]]).refused(
      422, "Invalid", "Service \"web\" is invalid: spec.healthCheckNodePort: Forbidden: field is immutable")
    var wish = local
    wish["healthCheckNodePort"] = .int(port)
    try await space.create(.services, service("other", [["port": 80]], spec: wish)).refused(
      500, "InternalError",
      "Internal error occurred: failed to allocate requested HealthCheck NodePort \(port): provided port is already "
        + "allocated")
    try await space.create(.services, service("other", [["port": 80, "nodePort": .int(port)]])).refused(
      422, "Invalid", refusal("other", 0, port))
    let open = try await server.patch(path, ["spec": ["externalTrafficPolicy": "Cluster"]]).object()
    #expect(open.spec["healthCheckNodePort"] == nil)
    _ = try await space.create(.services, service("other", [["port": 80]], spec: wish)).object(201)
    // And another one comes with the policy.
    let back = try await server.patch(path, ["spec": ["externalTrafficPolicy": "Local"]]).object()
    #expect(back.spec["healthCheckNodePort"] != nil && back.spec["healthCheckNodePort"]?.int != port)
    _ = try await server.delete(space.path(.services, "other")).object()
    _ = try await space.create(.services, service("third", [["port": 80]], spec: wish)).object(201)
  }

  @Test func aServerKnowsWhatItGaveBefore() async throws {
    let server = try await TestServer()
    let space = try await server.namespace()
    let local: JSON = ["type": "LoadBalancer", "externalTrafficPolicy": "Local"]
    let made = try await space.create(
      .services, service("web", [["port": 80, "nodePort": 30060]], spec: local)
    ).object(201)
    let strategies = Strategies(serviceFamilies: [.v4])
    try strategies.adopt(server.server.registry)
    let health = try #require(made.spec["healthCheckNodePort"]?.int)
    for port in [30060, health] { #expect(throws: NodePortPool.Refusal.self) { try strategies.nodePorts.take(port) } }
    let address = try #require(ServiceShape(made).heldAddresses.first)
    #expect(throws: ServiceAddressPool.Refusal.self) { try strategies.addresses.take(address) }
  }
}
