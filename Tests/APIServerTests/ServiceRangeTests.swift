import JSONTree
import KubernetesAPI
import NetworkTypes
import Testing

@testable import APIServer

@Suite struct ServiceRangeTests {
  private static let ranges = "/apis/networking.k8s.io/v1/servicecidrs"
  private static let addresses = "/apis/networking.k8s.io/v1/ipaddresses"

  private func small() async throws -> TestServer {
    try await TestServer { $0.serviceCIDRs = [CIDR("10.96.0.0/28")!] }
  }

  private func range(_ name: String, _ blocks: JSON) -> JSON {
    [
      "apiVersion": "networking.k8s.io/v1", "kind": "ServiceCIDR", "metadata": ["name": .string(name)],
      "spec": ["cidrs": blocks],
    ]
  }

  @Test func aNewRangeIsUsedAtOnceAndAGoingOneNoMore() async throws {
    let server = try await small()
    let space = try await server.namespace()
    // Two of fourteen are the cluster's own.
    for number in 0..<12 { _ = try await space.create(.services, TestObjects.service("s\(number)")).object(201) }
    let full = try await space.create(.services, TestObjects.service("late"))
    try full.refused(
      500, "InternalError", "Internal error occurred: failed to allocate a serviceIP: range is full")
    let outside = TestObjects.service("far", spec: ["clusterIP": "10.97.0.5"])
    try await space.create(.services, outside).refused(
      422, "Invalid",
      "Service \"far\" is invalid: spec.clusterIPs: Invalid value: [\"10.97.0.5\"]: failed to allocate IP 10.97.0.5: "
        + "the provided network does not match the current range")
    var made = range("more", ["10.97.0.0/24"])
    made[path: "metadata", "finalizers"] = ["networking.k8s.io/service-cidr-finalizer"]
    _ = try await server.post(Self.ranges, made).object(201)
    let late = try await space.create(.services, TestObjects.service("late")).object(201)
    let given = try #require(late.spec["clusterIP"]?.string.flatMap { IPAddress($0) })
    #expect(CIDR("10.97.0.0/24")!.contains(given))
    _ = try await space.create(.services, outside).object(201)
    // A range that is not ready, or on its way out, gives nothing.
    let unready: JSON = [
      "status": [
        "conditions": [
          [
            "type": "Ready", "status": "False", "reason": "Tested", "message": "",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
          ]
        ]
      ]
    ]
    _ = try await server.patch("\(Self.ranges)/more/status", unready).object()
    #expect(try await space.create(.services, TestObjects.service("later")).code == 500)
    _ = try await server.patch("\(Self.ranges)/more/status", ["status": ["conditions": .null]]).object()
    _ = try await space.create(.services, TestObjects.service("later")).object(201)
    _ = try await server.delete("\(Self.ranges)/more")
    #expect(try await server.get("\(Self.ranges)/more").object().isTerminating)
    #expect(try await space.create(.services, TestObjects.service("last")).code == 500)
    // What was given stays, and comes back when its Service goes.
    _ = try await server.delete(space.path(.services, "s0")).object()
    _ = try await space.create(.services, TestObjects.service("last")).object(201)
  }

  @Test func nobodyGetsAnAddressTwice() async throws {
    let server = try await small()
    let space = try await server.namespace()
    let answers = try await withThrowingTaskGroup { group in
      for number in 0..<20 {
        group.addTask { try await space.create(.services, TestObjects.service("s\(number)")) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    let given = try answers.filter { $0.code == 201 }.map { try $0.object(201).spec["clusterIP"]?.string ?? "" }
    #expect(given.count == 12 && Set(given).count == 12)
  }

  @Test func anAddressCanBeReserved() async throws {
    let server = try await TestServer()
    let space = try await server.namespace()
    let object: JSON = [
      "apiVersion": "networking.k8s.io/v1", "kind": "IPAddress", "metadata": ["name": "10.96.44.4"],
      "spec": ["parentRef": ["group": "x.example", "resource": "things", "name": "a"]],
    ]
    _ = try await server.post("\(Self.addresses)?dryRun=All", object).object(201)
    _ = try await server.post(Self.addresses, object).object(201)
    let wish = TestObjects.service("web", spec: ["clusterIP": "10.96.44.4"])
    try await space.create(.services, wish).refused(
      422, "Invalid",
      "Service \"web\" is invalid: spec.clusterIPs: Invalid value: [\"10.96.44.4\"]: failed to allocate IP 10.96.44.4: "
        + "provided IP is already allocated")
    _ = try await server.delete("\(Self.addresses)/10.96.44.4").object()
    _ = try await space.create(.services, wish).object(201)
    // And nobody reserves what a Service has.
    try await server.post(Self.addresses, object).refused(
      409, "AlreadyExists", "ipaddresses.networking.k8s.io \"10.96.44.4\" already exists")
    // One that was refused reserves nothing.
    var bad = object
    bad[path: "metadata", "name"] = "10.96.44.5"
    bad[path: "spec", "parentRef", "resource"] = nil
    #expect(try await server.post(Self.addresses, bad).code == 422)
    _ = try await space.create(.services, TestObjects.service("b", spec: ["clusterIP": "10.96.44.5"])).object(201)
  }

  @Test func theServersOwnRangeComesBackAndGrows() async throws {
    let server = try await TestServer()
    let registry = server.server.registry
    let both = [CIDR("10.96.0.0/12")!, CIDR("fd00:96::/112")!]
    try await DefaultServiceRange(registry: registry, blocks: both, logger: TestServer.logger).ensure()
    let grown = try await server.get("\(Self.ranges)/kubernetes").object()
    #expect(grown.spec["cidrs"] == ["10.96.0.0/12", "fd00:96::/112"] && grown.isConditionTrue("Ready"))
    // Another one is the administrator's to sort out.
    let other = [CIDR("10.200.0.0/16")!]
    try await DefaultServiceRange(registry: registry, blocks: other, logger: TestServer.logger).ensure()
    #expect(try await server.get("\(Self.ranges)/kubernetes").object() == grown)
    let keeper = DefaultServiceRange(registry: registry, blocks: both, logger: TestServer.logger)
    let running = Task { await keeper.run() }
    defer { running.cancel() }
    _ = try await server.patch("\(Self.ranges)/kubernetes", ["metadata": ["finalizers": .null]]).object()
    for _ in 0..<1_000 {
      _ = try await server.delete("\(Self.ranges)/kubernetes")
      let answer = try await server.get("\(Self.ranges)/kubernetes")
      if answer.code == 200, try answer.object().uid != grown.uid {
        let again = try answer.object()
        #expect(again.finalizers == ["networking.k8s.io/service-cidr-finalizer"])
        return
      }
      try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("the range has not come back")
  }
}
