import JSONTree
import KubernetesAPI
import Testing

@Suite struct DryRunTests {
  @Test func nothingIsStored() async throws {
    let space = try await TestServer.shared.namespace()
    let made = try await space.create(.configMaps, TestObjects.configMap("a"), query: "?dryRun=All").object(201)
    #expect(made.name == "a" && !made.uid.isEmpty && made.resourceVersion.isEmpty)
    #expect(try await space.get(.configMaps, "a").code == 404)
    let real = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    let path = space.path(.configMaps, "a")
    #expect(try await space.server.patch("\(path)?dryRun=All", ["data": ["x": "1"]]).object()["data"] == ["x": "1"])
    #expect(
      try await space.server.put("\(path)?dryRun=All", TestObjects.configMap("a", data: ["y": "1"])).object()["data"]
        == ["y": "1"])
    _ = try await space.server.delete("\(path)?dryRun=All").object()
    _ = try await space.server.delete(path, ["dryRun": ["All"]]).object()
    _ = try await space.server.delete(space.path(.configMaps) + "?dryRun=All").object()
    #expect(try await space.get(.configMaps, "a").object() == real)
  }

  @Test func everythingIsChecked() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    try await space.create(.configMaps, TestObjects.configMap("a"), query: "?dryRun=All")
      .refused(409, "AlreadyExists", "configmaps \"a\" already exists")
    #expect(try await space.create(.configMaps, TestObjects.configMap("A_"), query: "?dryRun=All").code == 422)
  }

  @Test func noAddressIsKept() async throws {
    let space = try await TestServer.shared.namespace()
    let wish = TestObjects.service("web", spec: ["clusterIP": "10.96.202.5"])
    _ = try await space.create(.services, wish, query: "?dryRun=All").object(201)
    _ = try await space.create(.services, wish).object(201)
  }

  @Test func nothingIsBoundOrScaled() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.pods, TestObjects.pod("web")).object(201)
    _ = try await space.server.post(
      space.path(.pods, "web", "binding") + "?dryRun=All", ["target": ["name": "node-1"]]
    ).object(201)
    #expect(try await space.get(.pods, "web").object().spec["nodeName"] == nil)
    _ = try await space.create(.deployments, TestObjects.deployment("web")).object(201)
    let scale = space.path(.deployments, "web", "scale") + "?dryRun=All"
    #expect(try await space.server.patch(scale, ["spec": ["replicas": 7]]).object().spec == ["replicas": 7])
    #expect(try await space.get(.deployments, "web").object().spec["replicas"] == 2)
  }

  @Test func anotherValueIsRefused() async throws {
    let space = try await TestServer.shared.namespace()
    let message = "dryRun: Unsupported value: \"Some\": supported values: \"All\""
    try await space.create(.configMaps, TestObjects.configMap("a"), query: "?dryRun=Some").refused(
      422, "Invalid", "CreateOptions.meta.k8s.io \"\" is invalid: \(message)")
    try await space.server.delete(space.path(.configMaps, "a") + "?dryRun=Some").refused(
      422, "Invalid", "DeleteOptions.meta.k8s.io \"\" is invalid: \(message)")
    try await space.server.delete(space.path(.configMaps, "a"), ["dryRun": ["Some"]]).refused(
      422, "Invalid", "DeleteOptions.meta.k8s.io \"\" is invalid: \(message)")
  }
}
