import JSONTree
import KubernetesAPI
import Testing

@testable import APIServer

/// Quotas, limit ranges and priorities.
@Suite struct QuotaTests {
  private func quota(_ hard: JSON, _ spec: JSON = [:]) -> JSON {
    var quota: JSON = ["metadata": ["name": "q"], "spec": spec]
    quota[path: "spec", "hard"] = hard
    return quota
  }

  private func pod(_ name: String, _ resources: JSON? = nil) -> JSON {
    var pod = TestObjects.pod(name)
    pod[path: "spec", "containers"] = [
      ["name": "c", "image": "i", "resources": resources ?? [:]]
    ]
    return pod
  }

  /// Ten clients race for the last two places, a thousand times: never three, and never one.
  /// On a server of its own: so many changes would push others' out of the watch cache's memory.
  @Test func nobodySlipsThrough() async throws {
    let space = try await TestServer().namespace()
    _ = try await space.create(.configMaps, TestObjects.configMap("before")).object(201)
    _ = try await space.create(.resourceQuotas, quota(["configmaps": "3"])).object(201)
    for round in 0..<1_000 {
      let made = await withTaskGroup(of: String?.self) { group in
        for client in 0..<10 {
          group.addTask {
            let name = "m-\(round)-\(client)"
            let answer = try? await space.create(.configMaps, TestObjects.configMap(name))
            return answer?.code == 201 ? name : nil
          }
        }
        return await group.reduce(into: [String]()) { if let name = $1 { $0.append(name) } }
      }
      #expect(made.count == 2)
      for name in made { #expect(try await space.server.delete(space.path(.configMaps, name)).code == 200) }
    }
  }

  @Test func theRefusalNamesTheQuota() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.resourceQuotas, quota(["pods": "1", "requests.cpu": "500m"])).object(201)
    try await space.create(.pods, pod("silent")).refused(
      403, "Forbidden", #"pods "silent" is forbidden: failed quota: q: must specify requests.cpu for: c"#)
    _ = try await space.create(.pods, pod("a", ["requests": ["cpu": "400m"]])).object(201)
    try await space.create(.pods, pod("b", ["requests": ["cpu": "200m"]])).refused(
      403, "Forbidden",
      #"pods "b" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=200m, used: pods=1,requests.cpu=400m, limited: pods=1,requests.cpu=500m"#
    )
    // A pod that has ended makes room.
    _ = try await space.server.patch(space.path(.pods, "a", "status"), ["status": ["phase": "Succeeded"]]).object()
    _ = try await space.create(.pods, pod("b", ["requests": ["cpu": "200m"]])).object(201)
  }

  /// A pod that does not end in its time, as its node is away, makes room as well.
  @Test(.timeLimit(.minutes(5))) func aPodThatIsOverdueMakesRoom() async throws {
    let server = try await TestServer()
    let running = Task { await server.server.handler.rest.admission.quotas.run() }
    defer { running.cancel() }
    let space = try await server.namespace()
    _ = try await space.create(
      .resourceQuotas, quota(["pods": "1", "requests.cpu": "1", "count/pods": "5"])
    ).object(201)
    var stuck = pod("stuck", ["requests": ["cpu": "400m"]])
    stuck[path: "spec", "nodeName"] = "away"
    _ = try await space.create(.pods, stuck).object(201)
    func becomes(_ wanted: JSON) async throws {
      var used: JSON?
      for _ in 0..<1_000 where used != wanted {
        used = try await space.get(.resourceQuotas, "q").object().status["used"]
        try await Task.sleep(for: .milliseconds(25))
      }
      #expect(used == wanted)
    }
    try await becomes(["pods": "1", "requests.cpu": "400m", "count/pods": "1"])
    _ = try await server.delete(space.path(.pods, "stuck"), ["gracePeriodSeconds": 2]).object()
    let other = pod("other", ["requests": ["cpu": "200m"]])
    #expect(try await space.create(.pods, other).code == 403)
    // The status follows by itself.
    try await becomes(["pods": "0", "requests.cpu": "0", "count/pods": "1"])
    #expect(try await space.get(.pods, "stuck").code == 200)
    _ = try await space.create(.pods, other).object(201)
    // Once it goes it takes nothing with it that it did not count for.
    _ = try await server.delete(space.path(.pods, "stuck"), ["gracePeriodSeconds": 0]).object()
    try await becomes(["pods": "1", "requests.cpu": "200m", "count/pods": "1"])
  }

  @Test func aPodsOwnResourcesTakeThePlaceOfItsContainers() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.resourceQuotas, quota(["requests.cpu": "500m"])).object(201)
    var whole = pod("whole", ["requests": ["cpu": "100m"]])
    whole[path: "spec", "resources"] = ["requests": ["cpu": "600m"]]
    try await space.create(.pods, whole).refused(
      403, "Forbidden",
      #"pods "whole" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=0, limited: requests.cpu=500m"#
    )
    // Containers need say nothing where the pod does.
    whole[path: "spec", "containers"] = [["name": "c", "image": "i"]]
    whole[path: "spec", "resources"] = ["requests": ["cpu": "500m"]]
    _ = try await space.create(.pods, whole).object(201)
  }

  @Test func eventsAreNeverStopped() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.resourceQuotas, quota(["count/events": "0"])).object(201)
    let event: JSON = [
      "metadata": ["name": "e"], "involvedObject": ["kind": "Pod", "name": "p", "namespace": .string(space.name)],
      "reason": "Testing", "message": "m", "type": "Normal",
    ]
    _ = try await space.server.post("/api/v1/namespaces/\(space.name)/events", event).object(201)
  }

  @Test func aFailedWriteGivesBackAndADryRunTakesNothing() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.resourceQuotas, quota(["configmaps": "1"])).object(201)
    _ = try await space.create(.configMaps, TestObjects.configMap("a"), query: "?dryRun=All").object(201)
    _ = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    #expect(try await space.create(.configMaps, TestObjects.configMap("b"), query: "?dryRun=All").code == 403)
    _ = try await space.server.delete(space.path(.configMaps, "a")).object()
    for _ in 0..<3 {
      #expect(try await space.create(.configMaps, ["metadata": ["name": "Not a name"]]).code == 422)
    }
    _ = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    #expect(try await space.create(.configMaps, TestObjects.configMap("a")).code == 403)
  }

  @Test func portsOfServicesCount() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(
      .resourceQuotas, quota(["services": "2", "services.nodeports": "1", "services.loadbalancers": "0"])
    ).object(201)
    _ = try await space.create(.services, TestObjects.service("a")).object(201)
    #expect(try await space.create(.services, TestObjects.service("b", spec: ["type": "LoadBalancer"])).code == 403)
    // A change that needs more is charged for what it needs more.
    _ = try await space.server.patch(space.path(.services, "a"), ["spec": ["type": "NodePort"]]).object()
    try await space.create(.services, TestObjects.service("b", spec: ["type": "NodePort"])).refused(
      403, "Forbidden",
      #"services "b" is forbidden: exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1"#
    )
    _ = try await space.server.patch(space.path(.services, "a"), ["metadata": ["labels": ["x": "y"]]]).object()
  }

  /// Changes of objects race for the last place as new ones do.
  @Test func changesDoNotSlipThroughEither() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.resourceQuotas, quota(["services.nodeports": "1"])).object(201)
    for name in 0..<4 { _ = try await space.create(.services, TestObjects.service("s\(name)")).object(201) }
    for _ in 0..<50 {
      let changed = await withTaskGroup(of: Int.self) { group in
        for name in 0..<4 {
          group.addTask {
            let answer = try? await space.server.patch(
              space.path(.services, "s\(name)"), ["spec": ["type": "NodePort"]])
            return answer?.code == 200 ? 1 : 0
          }
        }
        return await group.reduce(0, +)
      }
      #expect(changed == 1)
      for name in 0..<4 {
        _ = try await space.server.patch(space.path(.services, "s\(name)"), ["spec": ["type": "ClusterIP"]]).object()
      }
    }
  }

  @Test func scopesChooseWhatCounts() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.resourceQuotas, quota(["pods": "1"], ["scopes": ["BestEffort"]])).object(201)
    var high = quota(
      ["pods": "0"],
      [
        "scopeSelector": [
          "matchExpressions": [
            ["scopeName": "PriorityClass", "operator": "In", "values": ["system-cluster-critical"]]
          ]
        ]
      ])
    high[path: "metadata", "name"] = "high"
    _ = try await space.create(.resourceQuotas, high).object(201)
    _ = try await space.create(.pods, pod("a")).object(201)
    #expect(try await space.create(.pods, pod("b")).code == 403)
    _ = try await space.create(.pods, pod("c", ["requests": ["cpu": "1"]])).object(201)
    var critical = pod("d", ["requests": ["cpu": "1"]])
    critical[path: "spec", "priorityClassName"] = "system-cluster-critical"
    let refused = try await space.create(.pods, critical)
    #expect(refused.code == 403 && refused.text.contains("exceeded quota: high"))
  }

  /// A claim counts for the class it has, the one it is to have and the one it is getting.
  @Test func claimsCountForEachOfTheirClasses() {
    func counts(_ claim: JSON, _ operation: String, _ values: JSON) -> Bool {
      let term: JSON = ["scopeName": "VolumeAttributesClass", "operator": .string(operation), "values": values]
      return QuotaScopes(["spec": ["scopeSelector": ["matchExpressions": [term]]]])
        .contain(UsageEvaluator.usage(of: claim, kind: .persistentVolumeClaims))
    }
    let claim: JSON = [
      "spec": ["volumeAttributesClassName": "gold"],
      "status": [
        "currentVolumeAttributesClassName": "silver", "modifyVolumeStatus": ["targetVolumeAttributesClassName": "iron"],
      ],
    ]
    for name: JSON in ["gold", "silver", "iron"] { #expect(counts(claim, "In", [name])) }
    #expect(!counts(claim, "In", ["tin"]))
    // One name that fits is enough, also for what is to be none of some.
    #expect(counts(claim, "NotIn", ["gold"]) && !counts(claim, "NotIn", ["gold", "silver", "iron"]))
    #expect(counts(claim, "Exists", []) && !counts(claim, "DoesNotExist", []))
    #expect(counts([:], "DoesNotExist", []) && !counts([:], "Exists", []) && counts([:], "NotIn", ["gold"]))
  }

  @Test func aScopeThatDoesNotFitIsShownWithTheOthers() async throws {
    let space = try await TestServer.shared.namespace()
    try await space.create(.resourceQuotas, quota(["cpu": "1"], ["scopes": ["NotTerminating", "BestEffort"]])).refused(
      422, "Invalid",
      #"ResourceQuota "q" is invalid: spec.scopes: Invalid value: ["NotTerminating","BestEffort"]: "#
        + "unsupported scope applied to resource")
    try await space.create(.resourceQuotas, quota(["pods": "1"], ["scopes": ["Moon"]])).refused(
      422, "Invalid",
      #"ResourceQuota "q" is invalid: spec.scopes: Invalid value: ["Moon"]: unsupported scope"#)
  }

  @Test func theStatusFollows() async throws {
    let server = try await TestServer()
    let keeper = Task { await server.server.handler.rest.admission.quotas.run() }
    defer { keeper.cancel() }
    let space = try await server.namespace()
    _ = try await space.create(.configMaps, TestObjects.configMap("before")).object(201)
    _ = try await space.create(.resourceQuotas, quota(["configmaps": "5", "count/configmaps": "7"])).object(201)
    func waits(for used: String) async throws {
      for _ in 0..<2_000 {
        let status = try await space.get(.resourceQuotas, "q").object().status
        if status["used"] == ["configmaps": .string(used), "count/configmaps": .string(used)],
          status["hard"] == ["configmaps": "5", "count/configmaps": "7"]
        {
          return
        }
        try await Task.sleep(for: .milliseconds(5))
      }
      Issue.record("the status never said \(used): \(try await space.get(.resourceQuotas, "q"))")
    }
    try await waits(for: "1")
    _ = try await space.create(.configMaps, TestObjects.configMap("a")).object(201)
    try await waits(for: "2")
    _ = try await server.delete(space.path(.configMaps, "before")).object()
    try await waits(for: "1")
  }

  @Test func limitRangesFillInAndRefuse() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(
      .limitRanges,
      [
        "metadata": ["name": "l"],
        "spec": [
          "limits": [
            [
              "type": "Container", "default": ["cpu": "300m"], "defaultRequest": ["cpu": "100m"],
              "max": ["cpu": "500m"], "min": ["cpu": "50m"], "maxLimitRequestRatio": ["cpu": "4"],
            ]
          ]
        ],
      ]
    ).object(201)
    let made = try await space.create(.pods, pod("a")).object(201)
    #expect(
      made.spec["containers"]?.items.first?["resources"] == ["requests": ["cpu": "100m"], "limits": ["cpu": "300m"]])
    #expect(
      made.annotations["kubernetes.io/limit-ranger"]
        == "LimitRanger plugin set: cpu request for container c; cpu limit for container c")
    try await space.create(.pods, pod("b", ["limits": ["cpu": "1"], "requests": ["cpu": "300m"]])).refused(
      403, "Forbidden", #"pods "b" is forbidden: maximum cpu usage per Container is 500m, but limit is 1"#)
    try await space.create(.pods, pod("b", ["limits": ["cpu": "500m"], "requests": ["cpu": "60m"]])).refused(
      403, "Forbidden",
      #"pods "b" is forbidden: cpu max limit to request ratio per Container is 4, but provided ratio is 8.333333"#)
    try await space.create(.pods, pod("b", ["limits": ["cpu": "100m"], "requests": ["cpu": "40m"]])).refused(
      403, "Forbidden", #"pods "b" is forbidden: minimum cpu usage per Container is 50m, but request is 40m"#)
  }

  @Test func prioritiesComeFromClasses() async throws {
    let space = try await TestServer.shared.namespace()
    let plain = try await space.create(.pods, pod("a")).object(201)
    #expect(plain.spec["priority"] == 0 && plain.spec["preemptionPolicy"] == "PreemptLowerPriority")
    var named = pod("b")
    named[path: "spec", "priorityClassName"] = "system-node-critical"
    #expect(try await space.create(.pods, named).object(201).spec["priority"] == 2_000_001_000)
    named[path: "metadata", "name"] = "c"
    named[path: "spec", "priorityClassName"] = "nothing"
    try await space.create(.pods, named).refused(
      403, "Forbidden", #"pods "c" is forbidden: no PriorityClass with name nothing was found"#)
  }
}
