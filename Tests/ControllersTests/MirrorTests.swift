import APIClient
import APITesting
import JSONTree
import KubernetesAPI
import Testing

@testable import Controllers

private func endpoints(_ subsets: JSON, labels: JSON = [:], annotations: JSON = [:]) -> JSON {
  [
    "apiVersion": "v1", "kind": "Endpoints",
    "metadata": ["name": "web", "namespace": "default", "uid": "ep", "labels": labels, "annotations": annotations],
    "subsets": subsets,
  ]
}

@Suite("Mirror plan")
struct MirrorPlanTests {
  private let plain: JSON = [["addresses": [["ip": "10.1.2.3"]], "ports": [["port": 80, "protocol": "TCP"]]]]

  private func stored(_ plan: MirrorPlan) -> [JSON] {
    (plan.creations + plan.updates).enumerated().map { index, slice in
      var slice = slice
      if slice.name.isEmpty { slice[path: "metadata", "name"] = .string("web-\(index)") }
      return slice
    }
  }

  @Test func aSliceSaysWhatTheEndpointsSay() throws {
    let plan = MirrorPlan(
      endpoints(
        [
          [
            "addresses": [
              ["ip": "10.1.2.3", "nodeName": "n", "hostname": "h", "targetRef": ["kind": "Pod", "name": "p"]]
            ],
            "notReadyAddresses": [["ip": "10.1.2.4"]],
            "ports": [["port": 80, "protocol": "TCP", "appProtocol": "http"]],
          ]
        ], labels: ["team": "x", "endpointslice.kubernetes.io/managed-by": "me"],
        annotations: [
          "note": "y", "endpoints.kubernetes.io/last-change-trigger-time": "z",
          "kubectl.kubernetes.io/last-applied-configuration": "{}",
        ]), existing: [])
    #expect(plan.creations.count == 1 && plan.updates.isEmpty && plan.deletions.isEmpty)
    let slice = try #require(plan.creations.first)
    #expect(slice.metadata["generateName"] == "web-")
    #expect(slice.controllerReference?["kind"] == "Endpoints")
    #expect(
      slice.labels == [
        "team": "x", "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io",
      ])
    #expect(slice.annotations == ["note": "y"])
    #expect(slice["addressType"] == "IPv4")
    #expect(slice["ports"] == [["name": "", "port": 80, "protocol": "TCP", "appProtocol": "http"]])
    #expect(
      slice["endpoints"] == [
        [
          "addresses": ["10.1.2.3"], "conditions": ["ready": true], "hostname": "h",
          "targetRef": ["kind": "Pod", "name": "p"], "nodeName": "n",
        ], ["addresses": ["10.1.2.4"], "conditions": ["ready": false]],
      ])
  }

  @Test func aSliceForEachFamilyAndEachSetOfPorts() {
    let plan = MirrorPlan(
      endpoints([
        ["addresses": [["ip": "10.1.2.3"], ["ip": "fd00::3"]], "ports": [["name": "a", "port": 80]]],
        ["addresses": [["ip": "10.1.2.3"]], "ports": [["name": "b", "port": 81]]],
        // The same ports again: into the same slice, and nothing twice.
        ["addresses": [["ip": "10.1.2.3"], ["ip": "10.1.2.9"]], "ports": [["name": "b", "port": 81]]],
      ]), existing: [])
    let found = Set(
      plan.creations.map { slice in
        "\(slice["addressType"]?.string ?? "") \(slice["ports"]?.items.first?["port"]?.int ?? 0) "
          + "\(slice["endpoints"]?.items.count ?? 0)"
      })
    #expect(found == ["IPv4 80 1", "IPv6 80 1", "IPv4 81 2"])
  }

  @Test func nothingChangedMeansNoWriteAndAChangeMeansOne() {
    let existing = stored(MirrorPlan(endpoints(plain), existing: []))
    let same = MirrorPlan(endpoints(plain), existing: existing)
    #expect(same.creations.isEmpty && same.updates.isEmpty && same.deletions.isEmpty)
    let labelled = MirrorPlan(endpoints(plain, labels: ["a": "b"]), existing: existing)
    #expect(labelled.updates.map(\.name) == ["web-0"] && labelled.creations.isEmpty)
    // Other ports: the slice is used again.
    let moved = MirrorPlan(
      endpoints([["addresses": [["ip": "10.1.2.3"]], "ports": [["port": 81, "protocol": "TCP"]]]]), existing: existing)
    #expect(moved.updates.map(\.name) == ["web-0"] && moved.creations.isEmpty && moved.deletions.isEmpty)
    #expect(moved.updates.first?["ports"]?.items.first?["port"] == 81)
    // Another family: it cannot be.
    let other = MirrorPlan(
      endpoints([["addresses": [["ip": "fd00::3"]], "ports": [["port": 80, "protocol": "TCP"]]]]), existing: existing)
    #expect(other.deletions.map(\.name) == ["web-0"] && other.creations.count == 1)
    #expect(MirrorPlan(endpoints([]), existing: existing).deletions.map(\.name) == ["web-0"])
  }

  @Test func aThousandAddressesOfASubset() {
    let list = JSON.array((0..<1001).map { ["ip": .string("10.1.\($0 / 250).\($0 % 250)")] } + [["ip": "nowhere"]])
    let plan = MirrorPlan(endpoints([["addresses": list, "ports": [["port": 80]]]]), existing: [])
    #expect(plan.creations.map { $0["endpoints"]?.items.count } == [1000])
    #expect(plan.skippedAddresses == 2 && plan.invalidAddresses == 0)
    let odd = MirrorPlan(endpoints([["addresses": [["ip": "nowhere"]], "ports": [["port": 80]]]]), existing: [])
    #expect(odd.invalidAddresses == 1 && odd.skippedAddresses == 1 && odd.creations.isEmpty)
  }
}

@Suite("Mirror controller", .timeLimit(.minutes(5)))
struct MirrorControllerTests {
  private let run = ControllerRun()
  private let name = ObjectName(namespace: "default", name: "web")
  private let subsets: JSON = [["addresses": [["ip": "10.1.2.3"]], "ports": [["port": 80, "protocol": "TCP"]]]]

  private func service(selector: JSON? = nil) -> JSON {
    var service = Backend.service()
    service[path: "spec", "selector"] = selector
    return service
  }

  private func mirrored(_ slices: [JSON]) -> [JSON] {
    slices.filter { $0.labels["endpointslice.kubernetes.io/managed-by"] == MirrorPlan.manager }
  }

  private func addresses(_ slices: [JSON]) -> [String] {
    mirrored(slices).flatMap { $0["endpoints"]?.items ?? [] }.compactMap { $0["addresses"]?.items.first?.string }
  }

  @Test func followsCreationChangeAndDeletion() async throws {
    try await run([MirrorController(context: run.context)]) {
      run.api.put(.services, service())
      run.api.put(.endpoints, endpoints(subsets))
      await run.wait(.endpointSlices, "mirrored") { addresses($0) == ["10.1.2.3"] }
      run.api.put(
        .endpoints, endpoints([["addresses": [["ip": "10.2.3.4"]], "ports": [["port": 80, "protocol": "TCP"]]]]))
      await run.wait(.endpointSlices, "changed") { addresses($0) == ["10.2.3.4"] && $0.count == 1 }
      run.api.remove(.endpoints, name)
      await run.wait(.endpointSlices, "gone") { $0.isEmpty }
    }
  }

  @Test func theServiceHasToBeThereAndWithoutASelector() async throws {
    try await run([MirrorController(context: run.context)]) {
      run.api.put(.endpoints, endpoints(subsets))
      run.api.put(.services, service(selector: ["app": "web"]))
      run.api.put(.services, service())
      await run.wait(.endpointSlices, "mirrored") { addresses($0) == ["10.1.2.3"] }
      run.api.put(.services, service(selector: ["app": "web"]))
      await run.wait(.endpointSlices, "another controller's now") { $0.isEmpty }
      run.api.put(.services, service())
      await run.wait(.endpointSlices, "mirrored again") { addresses($0) == ["10.1.2.3"] }
      run.api.remove(.services, name)
      await run.wait(.endpointSlices, "gone with the Service") { $0.isEmpty }
    }
  }

  @Test func whoDoesNotWantToBeMirroredIsNot() async throws {
    try await run([MirrorController(context: run.context)]) {
      run.api.put(.services, service())
      run.api.put(.endpoints, endpoints(subsets))
      await run.wait(.endpointSlices, "mirrored") { !$0.isEmpty }
      run.api.put(.endpoints, endpoints(subsets, labels: ["endpointslice.kubernetes.io/skip-mirror": "true"]))
      await run.wait(.endpointSlices, "not any more") { $0.isEmpty }
      run.api.put(.endpoints, endpoints(subsets))
      await run.wait(.endpointSlices, "mirrored") { !$0.isEmpty }
      run.api.put(.endpoints, endpoints(subsets, annotations: ["control-plane.alpha.kubernetes.io/leader": "{}"]))
      await run.wait(.endpointSlices, "a lock") { $0.isEmpty }
    }
  }

  @Test func whatIsLeftOutIsTold() async throws {
    let list = JSON.array((0..<1002).map { ["ip": .string("10.1.\($0 / 250).\($0 % 250)")] })
    try await run([MirrorController(context: run.context)]) {
      run.api.put(.services, service())
      run.api.put(.endpoints, endpoints([["addresses": list, "ports": [["port": 80]]]]))
      let events = await run.wait(.coreEvents, "an event") { !$0.isEmpty }
      #expect(events[0]["reason"] == "TooManyAddressesToMirror")
      #expect(
        events[0]["message"]
          == "A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 2 addresses were skipped")
    }
  }
}
