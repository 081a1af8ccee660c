import JSONTree
import KubernetesAPI
import Testing

/// `pods/resize`.
@Suite struct ResizeTests {
  private func pod(_ resources: JSON = [:], _ change: (inout JSON) -> Void = { _ in }) -> JSON {
    var pod = TestObjects.pod("web")
    pod[path: "spec", "containers"] = [["name": "c1", "image": "i", "resources": resources]]
    change(&pod)
    return pod
  }

  private func patch(_ resources: JSON, of name: JSON = "c1", in list: String = "containers") -> JSON {
    ["spec": [list: [["name": name, "resources": resources]]]]
  }

  private static let burstable: JSON = [
    "requests": ["cpu": "100m", "memory": "64Mi"], "limits": ["cpu": "200m", "memory": "128Mi"],
  ]

  @Test func resourcesChangeByTheirSubresourceAlone() async throws {
    let space = try await TestServer.shared.namespace()
    let made = try await space.create(.pods, pod(Self.burstable)).object(201)
    let path = space.path(.pods, "web", "resize")
    let patched = try await space.server.patch(
      path, patch(["requests": ["cpu": "150m"], "limits": ["memory": "96Mi"]]), as: .strategic
    ).object()
    #expect(
      patched.spec["containers"]?.items.first?["resources"] == [
        "requests": ["cpu": "150m", "memory": "64Mi"], "limits": ["cpu": "200m", "memory": "96Mi"],
      ])
    #expect(patched.generation == made.generation + 1)
    #expect(try await space.server.get(path).object() == patched)

    // Everything else of what is sent is left aside.
    var update = patched
    update[path: "spec", "containers"] = [
      ["name": "c1", "image": "another", "resources": Self.burstable, "env": [["name": "A", "value": "b"]]]
    ]
    update[path: "spec", "hostNetwork"] = true
    update[path: "metadata", "labels"] = ["a": "b"]
    update["status"] = ["phase": "Failed"]
    let put = try await space.server.put(path, update).object()
    let container = try #require(put.spec["containers"]?.items.first)
    #expect(container["image"] == "i" && container["env"] == nil && container["resources"] == Self.burstable)
    #expect(put.spec["hostNetwork"] == nil && put.labels == made.labels && put.status == made.status)
    #expect(put.generation == made.generation + 2)

    let refused = try await space.server.patch(
      space.path(.pods, "web"), patch(["requests": ["cpu": "50m"]]), as: .strategic
    ).object(422)
    #expect(refused["message"]?.string?.contains("pod updates may not change fields other than") == true)
    #expect(try await space.server.delete(path).code == 405)
  }

  @Test(
    arguments: [
      ([:], ["requests": ["cpu": "1"]], "spec: Invalid value: \"BestEffort\": Pod QOS Class may not change"),
      (
        ["requests": ["cpu": "1"]], ["requests": ["cpu": .null, "memory": "1Mi"]],
        "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed"
      ),
      (
        burstable, ["limits": ["memory": .null]],
        "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed"
      ),
      (
        burstable, ["requests": ["cpu": "200m", "memory": "128Mi"]],
        "spec: Invalid value: \"Burstable\": Pod QOS Class may not change as a result of resizing"
      ),
      (
        ["requests": ["cpu": "1", "ephemeral-storage": "1"]], ["requests": ["ephemeral-storage": "3"]],
        "spec: Forbidden: only cpu and memory resources are mutable"
      ),
      (
        ["requests": ["cpu": "1"]], ["requests": ["ephemeral-storage": "3"]],
        "spec: Forbidden: only cpu and memory resources are mutable"
      ),
      (
        burstable, ["requests": ["cpu": "300m"]],
        "spec.containers[0].resources.requests: Invalid value: \"300m\": must be less than or equal to cpu limit of 200m"
      ),
    ] as [(JSON, JSON, String)])
  func whatMayNotChangeIsRefused(_ before: JSON, _ change: JSON, _ message: String) async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.pods, pod(before)).object(201)
    let refused = try await space.server.patch(
      space.path(.pods, "web", "resize"), patch(change), as: .strategic
    ).object(422)
    #expect(refused["message"]?.string?.contains(message) == true, "\(refused)")
  }

  @Test func containersKeepTheirPlacesAndPolicies() async throws {
    let space = try await TestServer.shared.namespace()
    let two: JSON = [
      ["name": "c1", "image": "i", "resources": ["requests": ["cpu": "1"]]],
      ["name": "c2", "image": "i", "resources": ["requests": ["cpu": "1"]]],
    ]
    let made = try await space.create(.pods, pod { $0[path: "spec", "containers"] = two }).object(201)
    let path = space.path(.pods, "web", "resize")
    var swapped = made
    swapped[path: "spec", "containers"] = .array((made.spec["containers"]?.items ?? []).reversed())
    let refused = try await space.server.put(path, swapped).object(422)
    #expect(
      refused["message"]?.string?.contains(
        "spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize, "
          + "spec.containers[1].name: Forbidden: containers may not be renamed or reordered on resize") == true)
    let added = try await space.server.patch(path, patch([:], of: "c3"), as: .strategic).object(422)
    #expect(added["message"]?.string?.contains("containers may not be added or removed on resize") == true)
    let policy = try await space.server.patch(
      path,
      [
        "spec": [
          "containers": [
            ["name": "c1", "resizePolicy": [["resourceName": "cpu", "restartPolicy": "RestartContainer"]]]
          ]
        ]
      ],
      as: .strategic
    ).object(422)
    #expect(policy["message"]?.string?.contains("only cpu and memory resources are mutable") == true)
  }

  @Test func initContainersAreResizedIfTheyAreSidecars() async throws {
    let space = try await TestServer.shared.namespace()
    let initial: JSON = [
      ["name": "once", "image": "i", "resources": ["requests": ["cpu": "100m"]]],
      ["name": "sidecar", "image": "i", "restartPolicy": "Always", "resources": ["requests": ["cpu": "100m"]]],
    ]
    _ = try await space.create(.pods, pod { $0[path: "spec", "initContainers"] = initial }).object(201)
    let path = space.path(.pods, "web", "resize")
    let wanted: JSON = ["requests": ["cpu": "50m"]]
    let refused = try await space.server.patch(
      path, patch(wanted, of: "once", in: "initContainers"), as: .strategic
    ).object(422)
    #expect(
      refused["message"]?.string?.contains("resources for non-sidecar init containers are immutable") == true)
    let resized = try await space.server.patch(
      path, patch(wanted, of: "sidecar", in: "initContainers"), as: .strategic
    ).object()
    #expect(resized.spec["initContainers"]?.items[1]["resources"] == wanted)
  }

  @Test func somePodsAreNeverResized() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(
      .pods, pod(Self.burstable) { $0[path: "spec", "resources"] = ["requests": ["cpu": "1"], "limits": ["cpu": "1"]] }
    ).object(201)
    let path = space.path(.pods, "web", "resize")
    let change = patch(["requests": ["cpu": "50m"]])
    let whole = try await space.server.patch(path, change, as: .strategic).object(422)
    #expect(whole["message"]?.string?.contains("pods with pod-level resources cannot be resized") == true)

    let other = try await TestServer.shared.namespace()
    _ = try await other.create(.pods, pod(Self.burstable)).object(201)
    // A node that does not tell what its containers have.
    _ = try await other.server.patch(
      other.path(.pods, "web", "status"),
      ["status": ["containerStatuses": [["name": "c1", "state": ["running": [:]]]]]]
    ).object()
    let old = try await other.server.patch(other.path(.pods, "web", "resize"), change, as: .strategic).object(422)
    #expect(old["message"]?.string?.contains("spec: Forbidden: Pod running on node without support for resize") == true)
  }

  @Test func policiesAreJudged() async throws {
    let space = try await TestServer.shared.namespace()
    func refusal(_ policy: JSON, _ restart: JSON = "Always") async throws -> String {
      try await space.create(
        .pods,
        pod {
          $0[path: "spec", "restartPolicy"] = restart
          $0[path: "spec", "containers"] = [["name": "c1", "image": "i", "resizePolicy": policy]]
        }
      ).object(422)["message"]?.string ?? ""
    }
    let place = "spec.containers[0].resizePolicy"
    #expect(
      try await refusal([["resourceName": "disk", "restartPolicy": "NotRequired"]]).contains(
        "\(place): Unsupported value: \"disk\": supported values: \"cpu\", \"memory\""))
    #expect(
      try await refusal([["resourceName": "cpu", "restartPolicy": "Perhaps"]]).contains(
        "\(place): Unsupported value: \"Perhaps\": supported values: \"NotRequired\", \"RestartContainer\""))
    #expect(
      try await refusal(Array(repeating: ["resourceName": "cpu", "restartPolicy": "NotRequired"], count: 2).json)
        .contains("\(place)[1]: Duplicate value: \"cpu\""))
    #expect(
      try await refusal([["resourceName": "cpu", "restartPolicy": "RestartContainer"]], "Never").contains(
        "\(place): Invalid value: \"RestartContainer\": must be 'NotRequired' when `restartPolicy` is 'Never'"))
  }

  @Test func quotasAndLimitRangesHold() async throws {
    let space = try await TestServer.shared.namespace()
    _ = try await space.create(.pods, pod(["requests": ["cpu": "100m"]])).object(201)
    _ = try await space.create(
      .resourceQuotas, ["metadata": ["name": "q"], "spec": ["hard": ["requests.cpu": "500m"]]]
    ).object(201)
    _ = try await space.create(
      .limitRanges,
      ["metadata": ["name": "l"], "spec": ["limits": [["type": "Container", "max": ["cpu": "800m"]]]]]
    ).object(201)
    let path = space.path(.pods, "web", "resize")
    try await space.server.patch(
      path, patch(["requests": ["cpu": "600m"], "limits": ["cpu": "700m"]]), as: .strategic
    ).refused(
      403, "Forbidden",
      #"pods "web" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=100m, limited: requests.cpu=500m"#
    )
    try await space.server.patch(
      path, patch(["requests": ["cpu": "200m"], "limits": ["cpu": "900m"]]), as: .strategic
    ).refused(
      403, "Forbidden", #"pods "web" is forbidden: maximum cpu usage per Container is 800m, but limit is 900m"#)
    _ = try await space.server.patch(
      path, patch(["requests": ["cpu": "450m"], "limits": ["cpu": "700m"]]), as: .strategic
    ).object()
    // While the node still has the old amount, the greater of the two counts.
    _ = try await space.server.patch(
      space.path(.pods, "web", "status"),
      ["status": ["containerStatuses": [["name": "c1", "allocatedResources": ["cpu": "450m"]]]]]
    ).object()
    _ = try await space.server.patch(path, patch(["requests": ["cpu": "200m"]]), as: .strategic).object()
    var other = pod(["requests": ["cpu": "100m"], "limits": ["cpu": "100m"]])
    other[path: "metadata", "name"] = "other"
    #expect(try await space.create(.pods, other).code == 403)
  }
}

extension [JSON] {
  fileprivate var json: JSON { .array(self) }
}
