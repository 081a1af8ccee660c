import APIClient
import APITesting
import ContainerRuntime
import JSONTree
import KubernetesAPI
import LinuxKernel
import Testing

@testable import NodeAgent

@Suite(.timeLimit(.minutes(5))) struct ResizeTests {
  private static let small: JSON = [
    "requests": ["cpu": "100m", "memory": "64Mi"], "limits": ["cpu": "200m", "memory": "128Mi"],
  ]
  private static let large: JSON = [
    "requests": ["cpu": "250m", "memory": "96Mi"], "limits": ["cpu": "500m", "memory": "256Mi"],
  ]

  private func pod(_ name: String = "web", _ resources: JSON = small, policy: JSON? = nil) -> JSON {
    var members: JSONObject = ["resources": resources]
    members["resizePolicy"] = policy
    return testPod(name, containers: [testContainer("main", members)]) {
      $0[path: "metadata", "generation"] = 1
    }
  }

  private func resize(
    _ agent: TestAgent, _ resources: JSON, generation: Int64 = 2, of name: String = "web"
  ) async throws {
    _ = try await agent.api.client.patch(
      .pods, namespace: "default", name: name, type: .strategic,
      [
        "metadata": ["generation": .int(generation)],
        "spec": ["containers": [["name": "main", "resources": resources]]],
      ])
  }

  private func condition(_ type: String, _ agent: TestAgent, of name: String = "web") -> JSON? {
    agent.pod(name)?.condition(type)
  }

  @Test func aRunningContainerGetsWhatItsPodAsksFor() async throws {
    let agent = try TestAgent()
    agent.add(pod())
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      #expect(agent.containerStatus("main")?["resources"] == Self.small)
      try await resize(agent, Self.large)
      await eventually("it is told") { agent.containerStatus("main")?["resources"] == Self.large }
      await eventually("it is over") { agent.events("ResizeCompleted").count == 1 }
      await eventually("the condition is gone") { condition("PodResizeInProgress", agent) == nil }
      let status = try #require(agent.containerStatus("main"))
      #expect(status["allocatedResources"] == Self.large["requests"] && status["restartCount"] == 0)
      #expect(agent.pod()?.status["observedGeneration"] == 2)
      #expect(agent.isReady)
    }
    #expect(
      agent.runtime.calls.filter { $0.hasPrefix("update") } == [
        "update main#0 shares=256 quota=50000 memory=\(256 << 20)"
      ])
    #expect(
      agent.events("ResizeStarted") == [
        #"Pod resize started: {"containers":[{"name":"main","resources":{"requests":{"cpu":"250m","memory":"96Mi"},"#
          + #""limits":{"cpu":"500m","memory":"256Mi"}}}],"generation":2}"#
      ])
  }

  @Test func thePolicySaysWhetherItStartsAgain() async throws {
    let agent = try TestAgent()
    agent.add(pod(policy: [["resourceName": "memory", "restartPolicy": "RestartContainer"]]))
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      var processor = Self.small
      processor[path: "limits", "cpu"] = "300m"
      try await resize(agent, processor)
      await eventually("it is told") { agent.containerStatus("main")?["resources"] == processor }
      #expect(agent.containerStatus("main")?["restartCount"] == 0)
      try await resize(agent, Self.large, generation: 3)
      await eventually("it starts again") { agent.runtime.calls.contains("start main#1") }
      await eventually("it is over") { agent.events("ResizeCompleted").count == 2 && agent.isReady }
      await eventually("it is told") { agent.containerStatus("main")?["resources"] == Self.large }
      #expect(agent.containerStatus("main")?["restartCount"] == 1)
    }
    let resources = try #require(agent.runtime.config("main")).linux.resources
    #expect(resources.cpuShares == 256 && resources.memoryLimitInBytes == 256 << 20)
    #expect(agent.events("Killing") == ["Container main resize requires restart"])
  }

  /// Ended by its policy it starts again even where an end of its own would be the last.
  @Test func anEndForAResizeIsNoEndOfThePod() async throws {
    let agent = try TestAgent()
    var pod = pod(policy: [["resourceName": "cpu", "restartPolicy": "RestartContainer"]])
    pod[path: "spec", "restartPolicy"] = "OnFailure"
    agent.add(pod)
    agent.runtime.exitOnStop("main", code: 0)
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      try await resize(agent, Self.large)
      await eventually("it starts again") { agent.runtime.calls.contains("start main#1") }
      await eventually("it is over") { agent.events("ResizeCompleted").count == 1 && agent.isReady }
    }
  }

  @Test func whatTheNodeWillNeverHaveIsInfeasible() async throws {
    let agent = try TestAgent()
    agent.add(pod())
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      try await resize(agent, ["requests": ["cpu": "5"], "limits": ["cpu": "5"]])
      await eventually("it is told") { condition("PodResizePending", agent) != nil }
      let told = try #require(condition("PodResizePending", agent))
      #expect(told["reason"] == "Infeasible" && told["status"] == "True" && told["observedGeneration"] == 2)
      #expect(told["message"] == "Node didn't have enough capacity: cpu, requested: 5000, capacity: 4000")
      #expect(agent.containerStatus("main")?["allocatedResources"] == Self.small["requests"])
      #expect(agent.containerStatus("main")?["resources"] == Self.small)
      try await resize(agent, Self.large, generation: 3)
      await eventually("it is over") { agent.containerStatus("main")?["resources"] == Self.large }
      await eventually("nothing is pending") { condition("PodResizePending", agent) == nil }
    }
    #expect(agent.events("ResizeInfeasible").count == 1)
  }

  @Test func whatHasNoRoomNowWaitsForIt() async throws {
    let agent = try TestAgent()
    agent.add(pod())
    agent.add(pod("other", ["requests": ["cpu": "3"]]))
    try await agent.run {
      await eventually("both run") { agent.isReady && agent.pod("other")?.isPodReady == true }
      try await resize(agent, ["requests": ["cpu": "2"], "limits": ["cpu": "2"]])
      await eventually("it waits") { condition("PodResizePending", agent)?["reason"] == "Deferred" }
      #expect(
        condition("PodResizePending", agent)?["message"]
          == "Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000")
      // The other gives some of it up.
      try await resize(agent, ["requests": ["cpu": "1"]], of: "other")
      await eventually("there is room") {
        agent.containerStatus("main")?["resources"]?[path: "requests", "cpu"] == "2"
      }
      await eventually("nothing is pending") { condition("PodResizePending", agent) == nil }
    }
    #expect(agent.events("ResizeDeferred").count == 1)
  }

  @Test func aLimitBelowWhatIsInUseIsRefused() async throws {
    let agent = try TestAgent()
    agent.add(pod())
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      let id = try #require(agent.runtime.containerID("main"))
      let uid = try #require(agent.pod()?.uid)
      let group = "\(agent.folder.path)/cgroup\(agent.folder.path)/kubepods/burstable/pod\(uid)"
      try KernelFile.makeFolder("\(group)/\(id)")
      try KernelFile.replace("\(group)/\(id)/memory.usage_in_bytes", with: Array("\(100 << 20)\n".utf8))
      try KernelFile.replace("\(group)/memory.limit_in_bytes", with: Array("\(128 << 20)\n".utf8))
      try KernelFile.replace("\(group)/cpu.shares", with: [])
      var lower = Self.small
      lower[path: "limits", "memory"] = "80Mi"
      try await resize(agent, lower)
      await eventually("it fails") { condition("PodResizeInProgress", agent)?["reason"] == "Error" }
      #expect(
        condition("PodResizeInProgress", agent)?["message"]
          == .string(
            "attempting to set container \"main\" memory limit (\(80 << 20)) below current usage (\(100 << 20))"))
      #expect(agent.containerStatus("main")?["resources"] == Self.small)
      #expect(KernelFile.firstLine("\(group)/memory.limit_in_bytes") == "\(128 << 20)")
      // Once less is in use, it is done.
      try KernelFile.replace("\(group)/\(id)/memory.usage_in_bytes", with: Array("\(10 << 20)\n".utf8))
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(10))
      await eventually("it is done") { agent.containerStatus("main")?["resources"] == lower }
      // These files keep what stood behind, which the kernel's do not.
      #expect(KernelFile.firstLine("\(group)/memory.limit_in_bytes")?.hasPrefix("\(80 << 20)") == true)
      #expect(KernelFile.firstLine("\(group)/cpu.shares") == "102")
    }
  }

  @Test func anAgentThatComesLaterGoesOn() async throws {
    let agent = try TestAgent()
    agent.add(pod())
    agent.add(pod("other", ["requests": ["cpu": "3"]]))
    try await agent.run {
      await eventually("both run") { agent.isReady && agent.pod("other")?.isPodReady == true }
      agent.runtime.fail("update main", with: ContainerRuntimeError(.unknown(2), "no"))
      try await resize(agent, Self.large)
      await eventually("it fails") { condition("PodResizeInProgress", agent)?["reason"] == "Error" }
      // What is asked for and not set aside does not count as taken.
      try await resize(agent, ["requests": ["cpu": "4"]], of: "other")
      await eventually("it waits") { condition("PodResizePending", agent, of: "other")?["reason"] == "Deferred" }
    }
    agent.runtime.fail("update main", with: nil)
    let next = try TestAgent(after: agent)
    try await next.run {
      await eventually("it is done") { next.containerStatus("main")?["resources"] == Self.large }
      await eventually("the condition is gone") { condition("PodResizeInProgress", next) == nil }
      #expect(next.containerStatus("main", of: "other")?["allocatedResources"] == ["cpu": "3"])
      #expect(condition("PodResizePending", next, of: "other")?["reason"] == "Deferred")
    }
  }

  @Test func thePodsGroupHoldsAllItsContainers() {
    func values(_ resources: [JSON], sidecar: JSON? = nil) -> PodControlGroup {
      PodControlGroup(
        testPod(
          initContainers: sidecar.map { [testContainer("s", ["restartPolicy": "Always", "resources": $0])] } ?? [],
          containers: resources.enumerated().map { testContainer("c\($0.offset)", ["resources": $0.element]) }))
    }
    let both = values([Self.small, Self.large])
    #expect(both.cpuShares == 350 * 1024 / 1000 && both.cpuQuota == 70_000 && both.memoryLimit == 384 << 20)
    let unlimited = values([Self.small, ["requests": ["cpu": "1"]]])
    #expect(unlimited.cpuShares == 1126 && unlimited.cpuQuota == nil && unlimited.memoryLimit == nil)
    #expect(values([Self.small], sidecar: Self.small).memoryLimit == 256 << 20)
    #expect(values([[:]]).cpuShares == 2)
    let union = values([Self.small]).union(values([Self.large]))
    #expect(union == values([Self.large]))
    #expect(values([Self.small]).union(unlimited).memoryLimit == nil)
  }
}
