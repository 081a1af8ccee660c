import APIClient
import APITesting
import JSONTree
import KubernetesAPI
import Testing

@testable import Controllers

@Suite("Deployment controller", .timeLimit(.minutes(5)))
struct DeploymentControllerTests {
  private let run = ControllerRun()

  private func deployment(_ replicas: Int64 = 3, image: String = "v1", strategy: JSON = .null) -> JSON {
    [
      "apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": ["name": "web", "namespace": "default", "annotations": ["kubernetes.io/change-cause": "first"]],
      "spec": [
        "replicas": .int(replicas), "strategy": strategy, "progressDeadlineSeconds": 600,
        "revisionHistoryLimit": 2,
        "selector": ["matchLabels": ["app": "web"]],
        "template": [
          "metadata": ["labels": ["app": "web"]],
          "spec": ["containers": [["name": "web", "image": .string(image)]]],
        ],
      ],
    ]
  }

  private func withControllers(_ body: () async throws -> Void) async throws {
    try await run(
      [ReplicaSetController(context: run.context), DeploymentController(context: run.context)], body)
  }

  private func setImage(_ image: String, extra: JSON = [:]) async throws {
    var patch: JSON = ["spec": ["template": ["spec": ["containers": [["name": "web", "image": .string(image)]]]]]]
    patch = MergePatch.apply(extra, to: patch)
    _ = try await run.client.patch(.deployments, namespace: "default", name: "web", patch)
  }

  private func image(_ object: JSON) -> String {
    (object.spec["template"]?["spec"] ?? object.spec)["containers"]?.items.first?["image"]?.string ?? ""
  }

  private func waitForRollout(_ image: String, replicas: Int64 = 3) async {
    await run.wait(.deployments, "rolled out to \(image)") { objects in
      guard let deployment = objects.first, self.image(deployment) == image else { return false }
      return deployment.status["updatedReplicas"]?.int == replicas
        && deployment.status["replicas"]?.int == replicas
        && deployment.status["availableReplicas"]?.int == replicas
        && deployment.status["observedGeneration"]?.int == deployment.generation
        && deployment.condition("Progressing")?["reason"] == "NewReplicaSetAvailable"
    }
  }

  @Test func makesASetAndItsPods() async throws {
    try await withControllers {
      _ = try await run.client.create(.deployments, deployment())
      await waitForRollout("v1")
      let sets = run.api.objects(.replicaSets)
      #expect(sets.count == 1)
      let set = try #require(sets.first)
      let hash = try #require(set.labels["pod-template-hash"])
      #expect(set.name == "web-\(hash)")
      #expect(set.annotations["deployment.kubernetes.io/revision"] == "1")
      #expect(set.annotations["kubernetes.io/change-cause"] == "first")
      #expect(set.spec["selector"]?["matchLabels"]?["pod-template-hash"]?.string == hash)
      let pods = run.api.objects(.pods)
      #expect(pods.count == 3)
      #expect(pods.allSatisfy { $0.name.hasPrefix("web-\(hash)-") && $0.labels["pod-template-hash"] == hash })
      #expect(run.api.objects(.deployments).first?.annotations["deployment.kubernetes.io/revision"] == "1")
      #expect(run.api.objects(.deployments).first?.isConditionTrue("Available") == true)
      #expect(run.api.writes.filter { $0.path.hasSuffix("/pods") && $0.verb == .post }.count == 3)
    }
  }

  @Test func aRollingUpdateKeepsItsLimits() async throws {
    try await withControllers {
      _ = try await run.client.create(
        .deployments,
        deployment(4, strategy: ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 1, "maxUnavailable": 0]]))
      await waitForRollout("v1", replicas: 4)
      let watch = Informer(client: run.client, kind: .deployments, logger: run.context.logger)
      try await withThrowingTaskGroup { group in
        group.addTask { await watch.run() }
        try await watch.waitForSync()
        try await setImage("v2")
        await waitForRollout("v2", replicas: 4)
        group.cancelAll()
      }
      await run.wait(.pods, "four pods of v2") { $0.count == 4 && $0.allSatisfy { image($0) == "v2" } }
      let sets = run.api.objects(.replicaSets)
      #expect(Set(sets.map { $0.spec["replicas"]?.int }) == [0, 4])
      #expect(sets.first { image($0) == "v2" }?.annotations["deployment.kubernetes.io/revision"] == "2")
    }
  }

  @Test func rollsBackAndCountsRevisions() async throws {
    try await withControllers {
      _ = try await run.client.create(.deployments, deployment())
      await waitForRollout("v1")
      try await setImage("v2")
      await waitForRollout("v2")
      try await setImage("v1")
      await waitForRollout("v1")
      let sets = run.api.objects(.replicaSets)
      #expect(sets.count == 2)
      let first = try #require(sets.first { image($0) == "v1" })
      #expect(first.annotations["deployment.kubernetes.io/revision"] == "3")
      #expect(first.annotations["deployment.kubernetes.io/revision-history"] == "1")
    }
  }

  @Test func keepsOnlySoManyRevisions() async throws {
    try await withControllers {
      _ = try await run.client.create(.deployments, deployment(1))
      for image in ["v1", "v2", "v3", "v4", "v5"] {
        try await setImage(image)
        await waitForRollout(image, replicas: 1)
      }
      await run.wait(.replicaSets, "two old sets and the new one") { sets in
        Set(sets.map(image)) == ["v3", "v4", "v5"]
      }
    }
  }

  @Test func aBrokenRolloutStopsBeforeItHurts() async throws {
    try await withControllers {
      _ = try await run.client.create(.deployments, deployment(4))
      await waitForRollout("v1", replicas: 4)
      try await setImage("broken")
      // 25 % of 4 is 1: one more, one fewer.
      await run.wait(.replicaSets, "two broken pods and three good ones") { sets in
        sets.contains { image($0) == "broken" && $0.status["replicas"] == 2 }
          && sets.contains { image($0) == "v1" && $0.status["availableReplicas"] == 3 }
      }
      await run.wait(.deployments, "still available") { $0.first?.isConditionTrue("Available") == true }
      try await setImage("v1")
      await waitForRollout("v1", replicas: 4)
    }
  }

  @Test func recreateEndsTheOldBeforeTheNew() async throws {
    try await withControllers {
      _ = try await run.client.create(.deployments, deployment(strategy: ["type": "Recreate"]))
      await waitForRollout("v1")
      try await setImage("v2")
      await waitForRollout("v2")
      #expect(run.api.objects(.pods).allSatisfy { image($0) == "v2" })
    }
  }

  @Test func scalesUpAndDown() async throws {
    try await withControllers {
      _ = try await run.client.create(.deployments, deployment(2))
      await waitForRollout("v1", replicas: 2)
      for size: Int64 in [5, 1, 0, 3] {
        _ = try await run.client.patch(
          .deployments, namespace: "default", name: "web", ["spec": ["replicas": .int(size)]], subresource: "scale")
        await run.wait(.pods, "\(size) pods") { $0.count == Int(size) }
        await run.wait(.deployments, "status of \(size)") { $0.first?.status["availableReplicas"]?.int ?? 0 == size }
      }
    }
  }

  @Test func aPausedDeploymentRollsNothingOut() async throws {
    try await withControllers {
      _ = try await run.client.create(.deployments, deployment())
      await waitForRollout("v1")
      try await setImage("v2", extra: ["spec": ["paused": true]])
      await run.wait(.deployments, "paused") {
        $0.first?.condition("Progressing")?["reason"] == "DeploymentPaused"
      }
      #expect(run.api.objects(.replicaSets).count == 1)
      try await setImage("v2", extra: ["spec": ["paused": .null]])
      _ = try await run.client.patch(.deployments, namespace: "default", name: "web", ["spec": ["paused": .null]])
      await waitForRollout("v2")
    }
  }

  @Test func replacesADeletedPodOnce() async throws {
    try await withControllers {
      _ = try await run.client.create(.deployments, deployment())
      await waitForRollout("v1")
      let pod = try #require(run.api.objects(.pods).first)
      try await run.client.delete(.pods, namespace: "default", name: pod.name)
      await run.wait(.pods, "three others") { $0.count == 3 && !$0.contains { $0.name == pod.name } }
      #expect(run.api.writes.filter { $0.path.hasSuffix("/pods") && $0.verb == .post }.count == 4)
    }
  }

  @Test func anOrphanIsAdoptedAndAStrangerLetGo() async throws {
    try await withControllers {
      _ = try await run.client.create(.deployments, deployment())
      await waitForRollout("v1")
      let pod = try #require(run.api.objects(.pods).first)
      _ = try await run.client.patch(
        .pods, namespace: "default", name: pod.name, ["metadata": ["labels": ["app": "debug"]]])
      await run.wait(.pods, "a replacement, and the stranger without owner") { pods in
        pods.count == 4 && pods.first { $0.name == pod.name }?.controllerReference == nil
      }
      _ = try await run.client.patch(
        .pods, namespace: "default", name: pod.name, ["metadata": ["labels": ["app": "web"]]])
      await run.wait(.pods, "three again") { $0.count == 3 && $0.allSatisfy { $0.controllerReference != nil } }
    }
  }
}
