import APIClient
import APITesting
import JSONTree
import KubernetesAPI
import Testing

@testable import Controllers

/// Services and pods behind them.
enum Backend {
  static func service(
    _ name: String = "web", ports: JSON = [["port": 80, "targetPort": 8080]], spec: JSON = [:]
  ) -> JSON {
    MergePatch.apply(
      ["spec": spec],
      to: [
        "apiVersion": "v1", "kind": "Service",
        "metadata": ["name": .string(name), "namespace": "default", "uid": "svc", "labels": ["team": "x"]],
        "spec": ["selector": ["app": "web"], "ports": ports, "clusterIP": "10.96.0.7", "ipFamilies": ["IPv4"]],
      ])
  }

  static func pod(
    _ name: String, _ address: String?, ready: Bool = true, phase: String = "Running", terminating: Bool = false,
    labels: JSON = ["app": "web"], spec: JSON = [:]
  ) -> JSON {
    var pod: JSON = [
      "apiVersion": "v1", "kind": "Pod",
      "metadata": ["name": .string(name), "namespace": "default", "uid": .string("uid-\(name)"), "labels": labels],
      "spec": MergePatch.apply(spec, to: ["nodeName": "node-1", "containers": [["name": "c"]]]),
      "status": ["phase": .string(phase)],
    ]
    if let address { pod[path: "status", "podIPs"] = [["ip": .string(address)]] }
    pod.setCondition("Ready", isTrue: ready, at: Timestamp(seconds: 0))
    if terminating { pod[path: "metadata", "deletionTimestamp"] = "2026-01-01T00:00:00Z" }
    return pod
  }
}

@Suite("EndpointSlice plan")
struct EndpointSlicePlanTests {
  private func plan(for service: JSON = Backend.service(), _ pods: [JSON], _ existing: [JSON] = []) -> EndpointSlicePlan
  {
    EndpointSlicePlan(service: service, pods: pods, existing: existing) { _ in .zone("zone-a") }
  }

  private func stored(_ slice: JSON, _ name: String) -> JSON {
    var slice = slice
    slice[path: "metadata", "name"] = .string(name)
    return slice
  }

  private func addresses(_ slice: JSON) -> [String] {
    (slice["endpoints"]?.items ?? []).compactMap { $0["addresses"]?.items.first?.string }
  }

  @Test func aSliceSaysAllThatUpstreamsDoes() throws {
    let plan = plan([Backend.pod("a", "10.244.1.2")])
    let slice = try #require(plan.creations.first)
    #expect(
      slice.labels == [
        "team": "x", "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
      ])
    #expect(slice.metadata["generateName"] == "web-")
    #expect(slice.controllerReference?["kind"] == "Service")
    #expect(slice["addressType"] == "IPv4")
    #expect(slice["ports"] == [["name": "", "port": 8080, "protocol": "TCP"]])
    #expect(
      slice["endpoints"] == [
        [
          "addresses": ["10.244.1.2"], "conditions": ["ready": true, "serving": true, "terminating": false],
          "targetRef": ["kind": "Pod", "namespace": "default", "name": "a", "uid": "uid-a"],
          "nodeName": "node-1", "zone": "zone-a",
        ]
      ])
  }

  @Test func conditionsFollowReadinessAndTermination() {
    let conditions = { (pod: JSON, service: JSON) in
      plan(for: service, [pod]).creations.first?["endpoints"]?.items.first?["conditions"]
    }
    let plain = Backend.service()
    let published = Backend.service(spec: ["publishNotReadyAddresses": true])
    let waiting = Backend.pod("a", "10.244.1.2", ready: false)
    let leaving = Backend.pod("a", "10.244.1.2", terminating: true)
    #expect(conditions(waiting, plain) == ["ready": false, "serving": false, "terminating": false])
    #expect(conditions(leaving, plain) == ["ready": false, "serving": true, "terminating": true])
    #expect(conditions(waiting, published) == ["ready": true, "serving": false, "terminating": false])
    #expect(conditions(leaving, published) == ["ready": true, "serving": true, "terminating": true])
  }

  @Test func endedAndUnstartedPodsHaveNoAddress() {
    let plan = plan([
      Backend.pod("a", "10.244.1.2", phase: "Succeeded"), Backend.pod("b", "10.244.1.3", phase: "Failed"),
      Backend.pod("c", nil),
    ])
    #expect(plan.creations.map(addresses) == [[]])
  }

  @Test func namedPortsAreLookedUpOnEachPod() {
    let service = Backend.service(ports: [["name": "http", "port": 80, "targetPort": "web"]])
    let port = { (number: JSON) -> JSON in
      ["containers": [["name": "c", "ports": [["name": "web", "containerPort": number]]]]]
    }
    let plan = plan(
      for: service,
      [
        Backend.pod("a", "10.244.1.2", spec: port(80)), Backend.pod("b", "10.244.1.3", spec: port(8080)),
        Backend.pod("c", "10.244.1.4"),
      ])
    let ports = Set(plan.creations.map { ($0["ports"]?.items.first?["port"]?.int ?? 0) })
    #expect(ports == [80, 8080, 0])
  }

  @Test func aHostnameShowsWhereTheSubdomainIsTheService() {
    let headless = Backend.service(spec: ["clusterIP": "None"])
    let named = Backend.pod("a", "10.244.1.2", spec: ["hostname": "first", "subdomain": "web"])
    let other = Backend.pod("b", "10.244.1.3", spec: ["hostname": "second", "subdomain": "db"])
    let slice = plan(for: headless, [named, other]).creations.first
    #expect(slice?["endpoints"]?.items.map { $0["hostname"]?.string } == ["first", nil])
    #expect(slice?.labels["service.kubernetes.io/headless"] == "")
  }

  @Test func nothingChangedMeansNoWrite() throws {
    let pods = (1...150).map { Backend.pod("p\($0)", "10.244.1.\($0)") }
    let first = plan(pods)
    #expect(first.creations.map { addresses($0).count } == [100, 50])
    let existing = first.creations.enumerated().map { stored($0.element, "web-\($0.offset)") }
    let second = plan(pods, existing)
    #expect(second.creations.isEmpty && second.updates.isEmpty && second.deletions.isEmpty)
  }

  @Test func oneChangedEndpointIsOneWrite() {
    let pods = (1...150).map { Backend.pod("p\($0)", "10.244.1.\($0)") }
    let existing = plan(pods).creations.enumerated().map { stored($0.element, "web-\($0.offset)") }
    var changed = pods
    changed[3] = Backend.pod("p4", "10.244.1.4", ready: false)
    #expect(plan(changed, existing).updates.count == 1)
    // One goes and another comes: still one slice to write.
    changed[3] = Backend.pod("new", "10.244.2.4")
    let swap = plan(changed, existing)
    #expect(swap.updates.count == 1 && swap.creations.isEmpty && swap.deletions.isEmpty)
    // One more fits into the slice with room.
    let more = plan(pods + [Backend.pod("new", "10.244.2.4")], existing)
    #expect(more.updates.count == 1 && more.creations.isEmpty)
  }

  @Test func aServiceWithoutPodsKeepsOneEmptySlice() {
    let existing = [stored(plan([Backend.pod("a", "10.244.1.2")]).creations[0], "web-1")]
    let emptied = plan([], existing)
    #expect(emptied.updates.count == 1 && emptied.deletions.isEmpty && emptied.creations.isEmpty)
    #expect(emptied.updates.first?.name == "web-1")
    #expect(emptied.updates.first?["endpoints"] == [])
    let settled = plan([], emptied.updates)
    #expect(settled.updates.isEmpty && settled.creations.isEmpty && settled.deletions.isEmpty)
  }

  @Test func anExternalNameHasNoSlices() {
    let existing = [stored(plan([Backend.pod("a", "10.244.1.2")]).creations[0], "web-1")]
    #expect(plan(for: Backend.service(spec: ["type": "ExternalName"]), [], existing).deletions.count == 1)
  }
}

@Suite("Endpoints plan")
struct EndpointsPlanTests {
  @Test func separatesReadyFromNotReady() {
    let endpoints = EndpointsPlan.endpoints(
      of: Backend.service(),
      pods: [
        Backend.pod("a", "10.244.1.10"), Backend.pod("b", "10.244.1.9"),
        Backend.pod("c", "10.244.1.3", ready: false), Backend.pod("d", "10.244.1.4", terminating: true),
      ], current: nil)
    let subset = endpoints["subsets"]?.items.first
    #expect(subset?["addresses"]?.items.map { $0["ip"]?.string } == ["10.244.1.9", "10.244.1.10"])
    #expect(subset?["notReadyAddresses"]?.items.map { $0["ip"]?.string } == ["10.244.1.3"])
    #expect(subset?["ports"] == [["port": 8080, "protocol": "TCP"]])
    #expect(endpoints.labels["endpoints.kubernetes.io/managed-by"] == "endpoint-controller")
  }
}

@Suite("EndpointSlice controller", .timeLimit(.minutes(5)))
struct EndpointSliceControllerTests {
  private let run = ControllerRun()

  init() {
    run.api.put(.nodes, ["apiVersion": "v1", "kind": "Node", "metadata": ["name": "node-1"]])
  }

  @Test func followsPodsAndServices() async throws {
    run.api.put(.services, Backend.service())
    run.api.put(.pods, Backend.pod("a", "10.244.1.2"))
    let count = { (slices: [JSON]) in slices.first?["endpoints"]?.items.count }
    try await run([EndpointSliceController(context: run.context), EndpointsController(context: run.context)]) {
      await run.wait(.endpointSlices, "one endpoint") { $0.count == 1 && count($0) == 1 }
      await run.wait(.endpoints, "one address") { $0.first?["subsets"]?.items.first?["addresses"]?.items.count == 1 }
      run.api.put(.pods, Backend.pod("b", "10.244.1.3"))
      await run.wait(.endpointSlices, "two endpoints") { $0.count == 1 && count($0) == 2 }
      run.api.put(.pods, Backend.pod("a", "10.244.1.2", labels: ["app": "other"]))
      await run.wait(.endpointSlices, "one again") { $0.count == 1 && count($0) == 1 }
      run.api.put(.pods, Backend.pod("b", "10.244.1.3", phase: "Failed"))
      await run.wait(.endpointSlices, "none") { $0.count == 1 && count($0) == 0 }
      run.api.remove(.services, ObjectName(namespace: "default", name: "web"))
      await run.wait(.endpoints, "gone") { $0.isEmpty }
    }
  }

  @Test func aNodeThatComesBringsItsPods() async throws {
    run.api.put(.services, Backend.service())
    run.api.put(.pods, Backend.pod("a", "10.244.1.2", spec: ["nodeName": "late"]))
    try await run([EndpointSliceController(context: run.context)]) {
      await run.wait(.endpointSlices, "an empty slice") { $0.count == 1 && $0[0]["endpoints"]?.items.isEmpty == true }
      run.api.put(.nodes, ["apiVersion": "v1", "kind": "Node", "metadata": ["name": "late"]])
      await run.wait(.endpointSlices, "an endpoint") { $0.first?["endpoints"]?.items.count == 1 }
    }
  }

  @Test func endpointsMadeByHandGoWithTheirService() async throws {
    var service = Backend.service()
    service[path: "spec", "selector"] = nil
    run.api.put(.services, service)
    let endpoints: JSON = [
      "apiVersion": "v1", "kind": "Endpoints", "metadata": ["name": "web", "namespace": "default"], "subsets": [],
    ]
    run.api.put(.endpoints, endpoints)
    var lone = endpoints
    lone[path: "metadata", "name"] = "lone"
    run.api.put(.endpoints, lone)
    try await run([EndpointsController(context: run.context)]) {
      // Taken in by then.
      run.api.put(.services, Backend.service("other"))
      await run.wait(.endpoints, "another's") { $0.contains { $0.name == "other" } }
      run.api.remove(.services, service.objectName)
      await run.wait(.endpoints, "gone") { !$0.contains { $0.name == "web" } }
      #expect(run.api.objects(.endpoints).contains { $0.name == "lone" })
    }
  }

  @Test func manyPodsAtOnceMakeNoSecondSlice() async throws {
    run.api.put(.services, Backend.service())
    try await run([EndpointSliceController(context: run.context)]) {
      for index in 1...60 { run.api.put(.pods, Backend.pod("p\(index)", "10.244.1.\(index)")) }
      await run.wait(.endpointSlices, "sixty endpoints") { $0.count == 1 && $0.first?["endpoints"]?.items.count == 60 }
      #expect(run.api.writes.filter { $0.verb == .post }.count == 1)
    }
  }
}
