import APIClient
import APITesting
import JSONTree
import KubernetesAPI
import Testing

@testable import Controllers

@Suite("Replication controllers", .timeLimit(.minutes(5)))
struct ReplicationControllerTests {
  private let run = ControllerRun()
  private let template: JSON = [
    "metadata": ["labels": ["app": "web"]], "spec": ["containers": [["name": "c", "image": "i"]]],
  ]

  private var controllers: [ReplicaSetController] {
    [
      ReplicaSetController(context: run.context),
      ReplicaSetController(context: run.context, kind: .replicationControllers),
    ]
  }

  private func make(_ name: String, _ kind: ResourceKind, selector: JSON, replicas: Int64) async throws -> JSON {
    try await run.client.create(
      kind,
      [
        "metadata": ["name": .string(name), "namespace": "default"],
        "spec": ["replicas": .int(replicas), "selector": selector, "template": template],
      ])
  }

  @Test func podsAreMadeAndCounted() async throws {
    try await run(controllers) {
      let owner = try await make("web", .replicationControllers, selector: ["app": "web"], replicas: 3)
      let pods = await run.wait(.pods, "three pods") { $0.count == 3 }
      for pod in pods {
        #expect(pod.name.hasPrefix("web-"))
        let reference = pod.controllerReference
        #expect(reference?["kind"] == "ReplicationController" && reference?["uid"]?.string == owner.uid)
      }
      await run.wait(.replicationControllers, "a status") { $0.first?.status["readyReplicas"] == 3 }
      _ = try await run.client.patch(
        .replicationControllers, namespace: "default", name: "web", ["spec": ["replicas": 1]])
      await run.wait(.pods, "one pod") { $0.count == 1 }
    }
  }

  @Test func orphansAreAdoptedAndStrangersLetGo() async throws {
    try await run(controllers) {
      _ = try await run.client.create(
        .pods,
        [
          "metadata": ["name": "early", "namespace": "default", "labels": ["app": "web"]],
          "spec": ["containers": [["name": "c", "image": "i"]]],
        ])
      let owner = try await make("web", .replicationControllers, selector: ["app": "web"], replicas: 1)
      await run.wait(.pods, "adoption") { pods in
        pods.count == 1 && pods[0].controllerReference?["uid"]?.string == owner.uid
      }
      _ = try await run.client.patch(.pods, namespace: "default", name: "early", ["metadata": ["labels": ["app": "x"]]])
      await run.wait(.pods, "another pod in its place") { pods in
        pods.count == 2 && pods.first { $0.name == "early" }?.controllerReference == nil
      }
    }
  }

  /// A set and a controller of the same name have nothing to do with each other.
  @Test func theTwoKindsKeepToTheirOwn() async throws {
    try await run(controllers) {
      _ = try await make("web", .replicationControllers, selector: ["app": "web"], replicas: 1)
      _ = try await make("web", .replicaSets, selector: ["matchLabels": ["app": "web"]], replicas: 2)
      await run.wait(.pods, "one and two") { pods in
        let kinds = pods.compactMap { $0.controllerReference?["kind"]?.string }
        return kinds.filter { $0 == "ReplicaSet" }.count == 2
          && kinds.filter { $0 == "ReplicationController" }.count == 1 && kinds.count == 3
      }
    }
  }
}
