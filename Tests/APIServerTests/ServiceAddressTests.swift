import JSONTree
import KubernetesAPI
import Testing

@testable import APIServer

@Suite struct ServiceAddressTests {
  @Test func theRangeIsAnObject() async throws {
    let range = try await TestServer.shared.get("/apis/networking.k8s.io/v1/servicecidrs/kubernetes").object()
    #expect(range.spec["cidrs"] == ["10.96.0.0/12"])
    #expect(range.isConditionTrue("Ready") && range.finalizers == ["networking.k8s.io/service-cidr-finalizer"])
  }

  @Test func everyAddressHasAnObject() async throws {
    let server = try await TestServer()
    let keeper = try ServiceAddressObjects(registry: server.server.registry, logger: TestServer.logger)
    let running = Task { await keeper.run() }
    defer { running.cancel() }
    let space = try await server.namespace()
    func addresses() async throws -> [String: JSON] {
      let list = try await server.get("/apis/networking.k8s.io/v1/ipaddresses").object()
      return Dictionary(uniqueKeysWithValues: (list["items"]?.items ?? []).map { ($0.name, $0) })
    }
    func waits(_ isMet: ([String: JSON]) -> Bool) async throws {
      for _ in 0..<1_000 {
        if isMet(try await addresses()) { return }
        try await Task.sleep(for: .milliseconds(5))
      }
      Issue.record("never: \(try await addresses().keys)")
    }
    let service = try await space.create(.services, TestObjects.service("web")).object(201)
    let address = try #require(service.spec["clusterIP"]?.string)
    try await waits { $0[address] != nil && $0["10.96.0.1"] != nil }
    let object = try #require(try await addresses()[address])
    #expect(
      object.spec["parentRef"] == ["resource": "services", "namespace": .string(space.name), "name": "web"])
    #expect(
      object.labels == [
        "ipaddress.kubernetes.io/ip-family": "IPv4", "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
      ])
    // It follows an address from one Service to another.
    _ = try await server.delete(space.path(.services, "web")).object()
    _ = try await space.create(.services, TestObjects.service("other", spec: ["clusterIP": .string(address)])).object(
      201)
    try await waits { $0[address]?.spec["parentRef"]?["name"] == "other" }
    _ = try await server.delete(space.path(.services, "other")).object()
    _ = try await space.create(.services, TestObjects.service("web", spec: ["clusterIP": .string(address)])).object(201)
    try await waits { $0[address]?.spec["parentRef"]?["name"] == "web" }
    // One that somebody takes away comes back; one whose Service goes goes too; others' stay.
    let again = try #require(try await addresses()[address])
    _ = try await server.delete("/apis/networking.k8s.io/v1/ipaddresses/\(address)").object()
    try await waits { $0[address].map { $0.uid != again.uid } ?? false }
    _ = try await server.post(
      "/apis/networking.k8s.io/v1/ipaddresses",
      [
        "metadata": ["name": "10.96.7.7"],
        "spec": ["parentRef": ["group": "x.example", "resource": "things", "name": "a"]],
      ]
    ).object(201)
    _ = try await server.delete(space.path(.services, "web")).object()
    try await waits { $0[address] == nil && $0["10.96.7.7"] != nil }
    let headless = try await space.create(.services, TestObjects.service("h", spec: ["clusterIP": "None"]))
    #expect(headless.code == 201)
    try await waits { Set($0.keys) == ["10.96.0.1", "10.96.0.10", "10.96.7.7"] }
  }
}
