import HTTPTypes
import JSONTree
import KubernetesAPI
import Testing

/// Kinds in two versions, of which one is stored.
@Suite struct ConvertedKindTests {
  private func event(_ name: String) -> JSON {
    [
      "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": ["name": .string(name)],
      "eventTime": "2026-01-02T03:04:05.000006Z", "reportingController": "x.example/c", "reportingInstance": "c-1",
      "action": "Doing", "reason": "Done", "note": "It is done.", "type": "Normal",
    ]
  }

  @Test func anEventIsTheSameInBothGroups() async throws {
    let space = try await TestServer.shared.namespace()
    var new = event("e")
    new["regarding"] = ["kind": "Pod", "name": "p", "namespace": .string(space.name), "uid": "u"]
    let made = try await space.create(.events, new).object(201)
    #expect(made.apiVersion == "events.k8s.io/v1" && made["note"] == "It is done." && made["message"] == nil)
    let core = try await space.get(.coreEvents, "e").object()
    #expect(core.apiVersion == "v1" && core["message"] == "It is done." && core["involvedObject"]?["name"] == "p")
    #expect(core.uid == made.uid && core["reportingComponent"] == "x.example/c")

    _ = try await space.create(
      .coreEvents,
      [
        "metadata": ["name": "old"], "involvedObject": ["kind": "Pod", "name": "q", "namespace": .string(space.name)],
        "message": "m", "source": ["component": "kubelet"], "count": 2, "type": "Warning",
      ]
    ).object(201)
    let read = try await space.get(.events, "old").object()
    #expect(read.kind == "Event" && read["deprecatedCount"] == 2 && read["regarding"]?["name"] == "q")
    let list = try await space.server.get(space.path(.events)).object()
    #expect(list.kind == "EventList" && list.apiVersion == "events.k8s.io/v1")
    #expect(list["items"]?.items.map { $0["note"] } == ["It is done.", "m"])
    #expect(try await space.names(.events, query: "?fieldSelector=regarding.name%3Dp,type%3DNormal") == ["e"])

    let changed = try await space.server.patch(
      space.path(.events, "e"), ["series": ["count": 2, "lastObservedTime": "2026-01-02T03:04:06.000000Z"]]
    ).object()
    #expect(changed["series"]?["count"] == 2 && changed.apiVersion == "events.k8s.io/v1")
    #expect(try await space.get(.coreEvents, "e").object()["series"]?["count"] == 2)
    #expect(try await space.server.delete(space.path(.events, "e")).code == 200)
    #expect(try await space.get(.coreEvents, "e").code == 404)
  }

  @Test func theNewGroupIsStricter() async throws {
    let space = try await TestServer.shared.namespace()
    var bad = event("e")
    bad["action"] = nil
    try await space.create(.events, bad).refused(
      422, "Invalid", #"Event.events.k8s.io "e" is invalid: action: Required value"#)
    var unknown = event("e")
    unknown["message"] = "m"
    let strict = try await space.create(.events, unknown, query: "?fieldValidation=Strict")
    #expect(strict.code == 400 && strict.text.contains(#"unknown field \"message\""#), "\(strict)")
  }

  @Test func watchesAndTablesAreConverted() async throws {
    let space = try await TestServer.shared.namespace()
    let watch = try await space.server.watch(space.path(.events) + "?watch=true")
    defer { watch.cancel() }
    var new = event("e")
    new["regarding"] = ["kind": "Pod", "name": "p", "namespace": .string(space.name)]
    _ = try await space.create(.events, new).object(201)
    let first = try #require(try await watch.next())
    #expect(first.type == "ADDED" && first.object["note"] == "It is done.")
    #expect(first.object.apiVersion == "events.k8s.io/v1")
    let table = try await space.server.get(
      space.path(.events), accept: "application/json;as=Table;g=meta.k8s.io;v=v1")
    #expect(try table.object()["rows"]?.items.count == 1)
    let protobuf = try await space.server.get(
      space.path(.events, "e"), accept: "application/vnd.kubernetes.protobuf")
    #expect(protobuf.headers[.contentType] == "application/vnd.kubernetes.protobuf")
    #expect(protobuf.text.contains("events.k8s.io/v1") && protobuf.text.contains("It is done."))
  }

  @Test func autoscalersHaveTwoVersions() async throws {
    let server = try await TestServer.shared
    let space = try await server.namespace()
    let groups = try await server.get("/apis/autoscaling").object()
    #expect(groups[path: "preferredVersion", "version"] == "v2")
    #expect(groups["versions"]?.items.map { $0["version"] } == ["v2", "v1"])
    let resources = try await server.get("/apis/autoscaling/v1").object()["resources"]?.items ?? []
    #expect(resources.map { $0["name"] } == ["horizontalpodautoscalers", "horizontalpodautoscalers/status"])
    #expect(try await server.get("/openapi/v3/apis/autoscaling/v1").code == 200)

    let made = try await space.create(
      .horizontalPodAutoscalersV1,
      [
        "apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": ["name": "h"],
        "spec": [
          "scaleTargetRef": ["apiVersion": "apps/v1", "kind": "Deployment", "name": "d"], "maxReplicas": 4,
          "targetCPUUtilizationPercentage": 50,
        ],
      ]
    ).object(201)
    #expect(made.apiVersion == "autoscaling/v1" && made.spec["targetCPUUtilizationPercentage"] == 50)
    let second = try await space.get(.horizontalPodAutoscalers, "h").object()
    #expect(second.apiVersion == "autoscaling/v2" && second.spec["minReplicas"] == 1)
    #expect(
      second.spec["metrics"] == [
        [
          "type": "Resource",
          "resource": ["name": "cpu", "target": ["type": "Utilization", "averageUtilization": 50]],
        ]
      ])
    let path = space.path(.horizontalPodAutoscalersV1, "h")
    let patched = try await server.patch(
      path, ["spec": ["targetCPUUtilizationPercentage": 60, "maxReplicas": 8]], as: .strategic
    ).object()
    #expect(patched.spec["targetCPUUtilizationPercentage"] == 60)
    let now = try await space.get(.horizontalPodAutoscalers, "h").object()
    #expect(now.spec["maxReplicas"] == 8)
    #expect(
      now.spec["metrics"]?.items[0][path: "resource", "target", "averageUtilization"] == 60)
    var put = patched
    put[path: "spec", "maxReplicas"] = 9
    #expect(try await server.put(path, put).object().spec["maxReplicas"] == 9)
    #expect(try await space.names(.horizontalPodAutoscalersV1) == ["h"])
  }
}
