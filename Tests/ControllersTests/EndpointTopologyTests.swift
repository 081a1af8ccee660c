import APIClient
import JSONTree
import KubernetesAPI
import Testing

@testable import Controllers

/// What EndpointSlices say beyond who is behind a Service: for whom, since when, of which family.
@Suite("EndpointSlice topology")
struct EndpointTopologyTests {
  private func plan(
    _ service: JSON, _ pods: [JSON], _ existing: [JSON] = [], trigger: Timestamp? = nil
  ) -> EndpointSlicePlan {
    EndpointSlicePlan(service: service, pods: pods, existing: existing, trigger: trigger) { node in
      switch node {
      case "node-1": .zone("zone-a")
      case "node-2": .zone(nil)
      default: .unknownNode
      }
    }
  }

  private func hints(
    _ distribution: JSON?, on node: String = "node-1", ready: Bool = true, annotations: JSON = [:]
  )
    -> JSON?
  {
    var service = Backend.service(spec: distribution.map { ["trafficDistribution": $0] } ?? [:])
    service[path: "metadata", "annotations"] = annotations
    let pod = Backend.pod("a", "10.244.1.2", ready: ready, spec: ["nodeName": .string(node)])
    return plan(service, [pod]).creations[0]["endpoints"]?.items.first?["hints"]
  }

  @Test func hintsFollowTheTrafficDistribution() {
    #expect(hints(nil) == nil)
    #expect(hints("PreferClose") == ["forZones": [["name": "zone-a"]]])
    #expect(hints("PreferSameZone") == ["forZones": [["name": "zone-a"]]])
    #expect(hints("PreferSameNode") == ["forZones": [["name": "zone-a"]], "forNodes": [["name": "node-1"]]])
    #expect(hints("PreferSameZone", on: "node-2") == nil)
    #expect(hints("PreferSameNode", on: "node-2") == ["forNodes": [["name": "node-2"]]])
    #expect(hints("PreferSameZone", ready: false) == nil)
    #expect(hints("PreferSameZone", annotations: ["service.kubernetes.io/topology-mode": "Auto"]) == nil)
  }

  @Test func aChangeOfTheDistributionIsWritten() {
    let pods = [Backend.pod("a", "10.244.1.2")]
    var existing = plan(Backend.service(), pods).creations
    existing[0][path: "metadata", "name"] = "web-1"
    let near = plan(Backend.service(spec: ["trafficDistribution": "PreferSameZone"]), pods, existing)
    #expect(near.updates.count == 1 && near.creations.isEmpty)
    let far = plan(Backend.service(), pods, near.updates)
    #expect(far.updates.first?["endpoints"]?.items.first?["hints"] == nil)
  }

  @Test func podsOfNodesThatAreNotThereAreLeftOut() {
    let pods = [Backend.pod("a", "10.244.1.2"), Backend.pod("b", "10.244.9.2", spec: ["nodeName": "gone"])]
    #expect(plan(Backend.service(), pods).creations[0]["endpoints"]?.items.count == 1)
    let published = Backend.service(spec: ["publishNotReadyAddresses": true])
    #expect(plan(published, pods).creations[0]["endpoints"]?.items.count == 2)
  }

  @Test func everyFamilyHasSlicesOfItsOwn() {
    var pod = Backend.pod("a", "10.244.1.2")
    pod[path: "status", "podIPs"] = [["ip": "10.244.1.2"], ["ip": "fd00::2"]]
    let types = { (spec: JSON) in
      plan(Backend.service(spec: spec), [pod]).creations.map {
        "\($0["addressType"]?.string ?? "") \($0["endpoints"]?.items.first?["addresses"]?.items.first?.string ?? "")"
      }
    }
    #expect(types(["ipFamilies": ["IPv6", "IPv4"]]) == ["IPv6 fd00::2", "IPv4 10.244.1.2"])
    // Objects of before the field.
    #expect(types(["ipFamilies": .null]) == ["IPv4 10.244.1.2"])
    #expect(types(["ipFamilies": .null, "clusterIP": "fd00:1::7"]) == ["IPv6 fd00::2"])
    #expect(types(["ipFamilies": .null, "clusterIP": "None"]) == ["IPv4 10.244.1.2", "IPv6 fd00::2"])
    // A family that goes takes its slices along.
    var both = plan(Backend.service(spec: ["ipFamilies": ["IPv4", "IPv6"]]), [pod]).creations
    for index in both.indices { both[index][path: "metadata", "name"] = .string("web-\(index)") }
    let single = plan(Backend.service(), [pod], both)
    #expect(single.deletions.map(\.name) == ["web-1"] && single.updates.isEmpty && single.creations.isEmpty)
  }

  @Test func labelsOfTheServiceFollowAndReservedOnesDoNot() {
    var service = Backend.service()
    var existing = plan(service, [Backend.pod("a", "10.244.1.2")]).creations
    existing[0][path: "metadata", "name"] = "web-1"
    service[path: "metadata", "labels"] = [
      "team": "y", "kubernetes.io/service-name": "other", "endpointslice.kubernetes.io/managed-by": "me",
      "service.kubernetes.io/headless": "",
    ]
    let changed = plan(service, [Backend.pod("a", "10.244.1.2")], existing)
    #expect(
      changed.updates.first?.labels == [
        "team": "y", "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
      ])
  }

  @Test func slicesOfAFormerServiceOfTheNameGo() {
    let pods = [Backend.pod("a", "10.244.1.2")]
    var existing = plan(Backend.service(), pods).creations
    existing[0][path: "metadata", "name"] = "web-1"
    var renewed = Backend.service()
    renewed[path: "metadata", "uid"] = "another"
    let plan = plan(renewed, pods, existing)
    #expect(plan.deletions.map(\.name) == ["web-1"] && plan.creations.count == 1 && plan.updates.isEmpty)
  }

  @Test func aServiceThatGoesGetsNoNewSlices() {
    var service = Backend.service()
    service[path: "metadata", "deletionTimestamp"] = "2026-01-01T00:00:00Z"
    #expect(plan(service, [Backend.pod("a", "10.244.1.2")]).creations.isEmpty)
  }

  @Test func manyNewEndpointsTouchNoSliceThatCannotTakeThemAll() {
    let pods = (1...190).map { Backend.pod("p\($0)", "10.244.1.\($0)") }
    var existing = plan(Backend.service(), pods).creations
    for index in existing.indices { existing[index][path: "metadata", "name"] = .string("web-\(index)") }
    let more = (0..<60).map { Backend.pod("q\($0)", "10.244.2.\($0)") }
    // 90 and 60 do not fit into one.
    let grown = plan(Backend.service(), pods + more, existing)
    #expect(grown.updates.isEmpty && grown.creations.count == 1)
    let few = plan(Backend.service(), pods + more.prefix(10), existing)
    #expect(few.updates.count == 1 && few.creations.isEmpty)
  }

  @Test func theTimeOfTheCauseIsInWhatIsWritten() {
    let time = Timestamp(seconds: 1_000_000_000)
    let pods = (1...150).map { Backend.pod("p\($0)", "10.244.1.\($0)") }
    var existing = plan(Backend.service(), pods, trigger: time).creations
    let key = "endpoints.kubernetes.io/last-change-trigger-time"
    #expect(existing.allSatisfy { $0.annotations[key] == "2001-09-09T01:46:40Z" })
    for index in existing.indices { existing[index][path: "metadata", "name"] = .string("web-\(index)") }
    // It alone is no reason to write.
    #expect(plan(Backend.service(), pods, existing, trigger: time + .seconds(9)).updates.isEmpty)
    let changed = plan(Backend.service(), Array(pods.dropLast()), existing)
    #expect(changed.updates.count == 1 && changed.updates[0].annotations[key] == nil)
  }

  @Test func theCauseIsTheEarliestChangeSinceTheLastLook() {
    let times = TriggerTimes()
    let start = Timestamp(seconds: 1000)
    var service = Backend.service()
    service[path: "metadata", "creationTimestamp"] = .string(start.description)
    let pod = { (name: String, since: Int64) -> JSON in
      var pod = Backend.pod(name, "10.244.1.2")
      pod.removeCondition("Ready")
      pod.setCondition("Ready", isTrue: true, at: Timestamp(seconds: since))
      return pod
    }
    #expect(times.trigger(of: service, pods: [pod("a", 1100)]) == start)
    #expect(times.trigger(of: service, pods: [pod("a", 1100)]) == nil)
    #expect(times.trigger(of: service, pods: [pod("a", 1300), pod("b", 1200)]) == Timestamp(seconds: 1200))
    #expect(times.trigger(of: service, pods: [pod("b", 1200)]) == nil)
  }
}

@Suite("Endpoints capacity and families")
struct EndpointsCapacityTests {
  @Test func aThousandAddressesReadyOnesFirst() {
    let ready = (0..<700).map { Backend.pod("r\($0)", "10.1.\($0 / 250).\($0 % 250)") }
    let waiting = (0..<600).map { Backend.pod("w\($0)", "10.2.\($0 / 250).\($0 % 250)", ready: false) }
    let count = { (object: JSON, list: String) in
      (object["subsets"]?.items ?? []).reduce(0) { $0 + ($1[list]?.items.count ?? 0) }
    }
    let some = EndpointsPlan.endpoints(of: Backend.service(), pods: waiting + ready, current: nil)
    #expect(count(some, "addresses") == 700 && count(some, "notReadyAddresses") == 300)
    #expect(some.annotations["endpoints.kubernetes.io/over-capacity"] == "truncated")
    let more = ready + (0..<500).map { Backend.pod("x\($0)", "10.3.\($0 / 250).\($0 % 250)") }
    let many = EndpointsPlan.endpoints(of: Backend.service(), pods: waiting + more, current: some)
    #expect(count(many, "addresses") == 1000 && count(many, "notReadyAddresses") == 0)
    let few = EndpointsPlan.endpoints(of: Backend.service(), pods: ready, current: many)
    #expect(few.annotations["endpoints.kubernetes.io/over-capacity"] == nil && count(few, "addresses") == 700)
  }

  @Test func theFamilyIsTheServicesFirst() {
    var pod = Backend.pod("a", "10.244.1.2")
    pod[path: "status", "podIPs"] = [["ip": "fd00::2"], ["ip": "10.244.1.2"]]
    let address = { (spec: JSON) in
      EndpointsPlan.endpoints(of: Backend.service(spec: spec), pods: [pod], current: nil)["subsets"]?.items.first?[
        "addresses"]?.items.first?["ip"]?.string
    }
    #expect(address([:]) == "10.244.1.2")
    #expect(address(["ipFamilies": ["IPv6", "IPv4"]]) == "fd00::2")
    #expect(address(["ipFamilies": .null]) == "10.244.1.2")
    #expect(address(["ipFamilies": .null, "clusterIP": "None"]) == "fd00::2")
  }
}
