import APIClient
import APITesting
import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

/// A pod that ends is told so when no node sends to it any more.
@Suite(.timeLimit(.minutes(5))) struct WithheldSignalTests {
  private let endpoints = TestEndpoints(namespace: "default")

  private func acknowledge(_ revision: Int, by node: String, _ agent: TestAgent) {
    agent.api.put(
      .leases,
      [
        "metadata": [
          "name": .string(node), "namespace": "kube-node-lease",
          "annotations": [NodeAcknowledgements.annotation: .string("\(revision)")],
        ],
        "spec": ["leaseDurationSeconds": 40, "renewTime": .string(agent.now.microText)],
      ])
  }

  private func withPod(
    _ pod: JSON = testPod(), _ body: @escaping @Sendable (TestAgent) async throws -> Void
  ) async throws {
    let agent = try TestAgent(endpoints: endpoints)
    endpoints.set([.ready("web"), .ready("other", on: "node-2")], revision: 10)
    acknowledge(10, by: "node-1", agent)
    acknowledge(10, by: "node-2", agent)
    agent.add(pod)
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      try await body(agent)
    }
  }

  private static func delete(_ agent: TestAgent, grace: Int? = nil) async throws {
    try await agent.api.client.delete(
      .pods, namespace: "default", name: "web", options: DeleteOptions(gracePeriodSeconds: grace))
  }

  @Test func theSignalWaitsForTheSlicesAndForEveryNode() async throws {
    try await withPod { [endpoints] agent in
      try await Self.delete(agent)
      await agent.timerIsSet()
      await settle()
      #expect(!agent.runtime.calls.contains { $0.hasPrefix("stop main") }, "the slices say that it is ready")
      endpoints.set([.terminating("web"), .ready("other", on: "node-2")], revision: 20)
      self.acknowledge(20, by: "node-1", agent)
      await settle()
      #expect(!agent.runtime.calls.contains { $0.hasPrefix("stop main") }, "the other node has not said")
      self.acknowledge(20, by: "node-2", agent)
      await eventually("the object is gone") { agent.pod() == nil }
      #expect(agent.runtime.calls.contains("stop main#0 grace=30"))
    }
  }

  @Test func theBoundEndsTheWaitAndCountsAgainstTheGracePeriod() async throws {
    try await withPod { agent in
      try await Self.delete(agent, grace: 10)
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(2))
      await eventually("the object is gone") { agent.pod() == nil }
      #expect(agent.runtime.calls.contains("stop main#0 grace=8"))
    }
  }

  @Test func shortPeriodsAndTheLastEndpointAreNotWithheld() async throws {
    try await withPod { agent in
      try await Self.delete(agent, grace: 2)
      await eventually("the object is gone") { agent.pod() == nil }
      #expect(agent.runtime.calls.contains("stop main#0 grace=2"))
    }
    try await withPod { [endpoints] agent in
      endpoints.set([.ready("web")], revision: 30)
      await settle()
      try await Self.delete(agent)
      await eventually("the object is gone") { agent.pod() == nil }
      #expect(agent.runtime.calls.contains("stop main#0 grace=30"))
    }
  }

  @Test func aForcedDeletionEndsTheWait() async throws {
    try await withPod { agent in
      try await Self.delete(agent)
      await agent.timerIsSet()
      try await Self.delete(agent, grace: 0)
      await eventually("the runtime has nothing") { agent.runtime.isEmpty }
    }
  }

  @Test func theHookRunsMeanwhile() async throws {
    let hook: JSON = ["preStop": ["exec": ["command": ["bye"]]]]
    try await withPod(testPod(containers: [testContainer("main", ["lifecycle": hook])])) { [endpoints] agent in
      try await Self.delete(agent)
      await eventually("the hook has run") { agent.executor.actions == [.exec(["bye"])] }
      #expect(!agent.runtime.calls.contains { $0.hasPrefix("stop main") })
      endpoints.set([.terminating("web"), .ready("other", on: "node-2")], revision: 20)
      self.acknowledge(20, by: "node-1", agent)
      self.acknowledge(20, by: "node-2", agent)
      await eventually("the object is gone") { agent.pod() == nil }
    }
  }
}
