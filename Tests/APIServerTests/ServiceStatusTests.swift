import APIServer
import JSONTree
import KubernetesAPI
import Testing

@Suite struct ServiceStatusTests {
  @Test func aLoadBalancersAddresses() async throws {
    let space = try await TestServer.shared.namespace()
    let path = space.path(.services, "web")
    let made = try await space.create(.services, TestObjects.service("web", spec: ["type": "LoadBalancer"])).object(201)
    #expect(made.status == ["loadBalancer": [:]])
    let ingress: JSON = ["status": ["loadBalancer": ["ingress": [["ip": "192.0.2.9"], ["ip": "2001:db8::9"]]]]]
    var patch = ingress
    patch[path: "spec", "type"] = "NodePort"
    let told = try await space.server.patch("\(path)/status", patch).object()
    #expect(told.spec == made.spec)
    #expect(
      told.status["loadBalancer"] == [
        "ingress": [["ip": "192.0.2.9", "ipMode": "VIP"], ["ip": "2001:db8::9", "ipMode": "VIP"]]
      ])
    let table = try await space.server.get(path, accept: "application/json;as=Table;v=v1;g=meta.k8s.io").object()
    #expect(table["rows"]?.items.first?["cells"]?.items[3] == "192.0.2.9,2001:db8::9")
    // An update of the rest leaves the status, whatever it says of it.
    var put = TestObjects.service("web", spec: ["type": "LoadBalancer"])
    put["status"] = ["loadBalancer": [:]]
    #expect(try await space.server.put(path, put).object().status == told.status)
    try await space.server.patch(
      "\(path)/status", ["status": ["loadBalancer": ["ingress": [["ip": "192.0.2.9", "ipMode": "Near"]]]]]
    ).refused(
      422, "Invalid",
      "Service \"web\" is invalid: status.loadBalancer.ingress[0].ipMode: Unsupported value: \"Near\": supported "
        + "values: \"Proxy\", \"VIP\"")
    // With the type the addresses go.
    let inside = try await space.server.patch(path, ["spec": ["type": "ClusterIP"]]).object()
    #expect(inside.status["loadBalancer"] == [:])
    try await space.server.patch("\(path)/status", ingress).refused(
      422, "Invalid",
      "Service \"web\" is invalid: status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is "
        + "'LoadBalancer'")
  }

  @Test func clientsAreWarned() async throws {
    let space = try await TestServer.shared.namespace()
    let made = try await space.create(
      .services, TestObjects.service("a", spec: ["externalIPs": ["192.0.2.7"], "trafficDistribution": "PreferClose"]))
    #expect(
      made.warnings == [
        "299 - \"spec.externalIPs is deprecated and may no longer be implemented in some clusters\"",
        #"299 - "spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"""#,
      ])
    let changed = try await space.server.patch(
      space.path(.services, "a"), ["spec": ["externalIPs": .null, "trafficDistribution": "PreferSameZone"]])
    #expect(changed.code == 200 && changed.warnings.isEmpty)
    let headless = try await space.create(
      .services, TestObjects.service("b", spec: ["clusterIP": "None", "sessionAffinity": "ClientIP"]))
    #expect(headless.warnings == ["299 - \"spec.SessionAffinity is ignored for headless services\""])
    let endpoints = try await space.server.get(space.path(.endpoints))
    #expect(
      endpoints.warnings
        == ["299 - \"v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\""])
  }

  @Test func nodesKeepTheirOwnLeasesAndAgentsReadThem() async throws {
    let server = try await TestServer.shared
    var node = server
    node.user = User(name: "system:node:lease-1", groups: ["system:nodes", "system:authenticated"])
    let leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
    _ = try await node.post(leases, TestObjects.lease("lease-1")).object(201)
    let patch: JSON = ["metadata": ["annotations": ["example.com/seen": "7"]]]
    #expect(try await node.patch("\(leases)/lease-1", patch).object().annotations == ["example.com/seen": "7"])
    _ = try await server.post(leases, TestObjects.lease("lease-2")).object(201)
    #expect(try await node.patch("\(leases)/lease-2", patch).code == 403)
    var agent = server
    agent.user = User(name: "system:switchboard-network", groups: ["system:authenticated"])
    #expect(try await agent.get(leases).code == 200)
    #expect(try await agent.get("\(leases)/lease-1").code == 200)
    #expect(try await agent.patch("\(leases)/lease-1", patch).code == 403)
  }
}
