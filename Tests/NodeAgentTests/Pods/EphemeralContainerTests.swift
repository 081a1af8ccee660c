import APIClient
import APITesting
import ContainerRuntime
import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

@Suite(.timeLimit(.minutes(5))) struct EphemeralContainerTests {
  private func debug(_ agent: TestAgent, _ more: JSONObject = [:]) async throws {
    _ = try await agent.api.client.patch(
      .pods, namespace: "default", name: "web", ["spec": ["ephemeralContainers": [testContainer("debug", more)]]])
  }

  @Test func itRunsBesideTheOthersAndOnlyOnce() async throws {
    let agent = try TestAgent()
    agent.add(testPod())
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      try await debug(agent)
      await eventually("so does the other") { agent.containerStatus("debug")?["state"]?["running"] != nil }
      let status = try #require(agent.pod()?.status["ephemeralContainerStatuses"]?.items.first)
      #expect(status["ready"] == false && status["started"] == nil && status["restartCount"] == 0)
      #expect(agent.isReady)
      agent.runtime.exit("debug", code: 3)
      await eventually("its end is told") {
        agent.containerStatus("debug")?["state"]?["terminated"]?["exitCode"] == 3
      }
      await settle()
      agent.runtime.exit("main", code: 1)
      await eventually("the others are restarted") { agent.runtime.calls.contains("start main#1") && agent.isReady }
      agent.runtime.loseSandbox()
      await eventually("in a new sandbox too") { agent.runtime.calls.contains("start main#2") }
      await settle()
      try await agent.api.client.delete(.pods, namespace: "default", name: "web")
      await eventually("it is gone") { agent.pod() == nil && agent.runtime.isEmpty }
    }
    #expect(agent.runtime.calls.filter { $0.hasPrefix("create debug") } == ["create debug#0"])
    #expect(agent.events.contains { $0.reason == "Started" && $0.place == "spec.ephemeralContainers{debug}" })
  }

  @Test func itSeesTheProcessesOfItsTarget() async throws {
    let agent = try TestAgent()
    agent.add(testPod())
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      try await debug(agent, ["targetContainerName": "main"])
      await eventually("so does the other") { agent.runtime.isRunning("debug") }
    }
    let namespaces = try #require(agent.runtime.config("debug")).linux.securityContext.namespaceOptions
    #expect(namespaces.pid == .target)
    #expect(namespaces.targetID == agent.runtime.containerID("main"))
    #expect(agent.runtime.config("main")?.linux.securityContext.namespaceOptions.pid == .container)
  }

  @Test func whereAllProcessesAreSharedThereIsNothingToAim() async throws {
    let agent = try TestAgent()
    agent.add(testPod { $0[path: "spec", "shareProcessNamespace"] = true })
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      try await debug(agent, ["targetContainerName": "main"])
      await eventually("so does the other") { agent.runtime.isRunning("debug") }
    }
    #expect(agent.runtime.config("debug")?.linux.securityContext.namespaceOptions.pid == .pod)
  }

  /// A pod whose init container hangs is what one wants to look into.
  @Test func itDoesNotWaitForInitContainers() async throws {
    let agent = try TestAgent()
    agent.add(testPod(initContainers: [testContainer("setup")]))
    try await agent.run {
      await eventually("it begins") { agent.runtime.isRunning("setup") }
      try await debug(agent, ["targetContainerName": "main"])
      await eventually("the target is missing") {
        agent.containerStatus("debug")?["state"]?["waiting"]?["message"] == "unable to find target container main"
      }
      #expect(agent.waitingReason("debug") == "CreateContainerConfigError")
      agent.runtime.exit("setup", code: 0)
      await eventually("it has begun") { agent.runtime.isRunning("main") }
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(10))
      await eventually("it runs") { agent.runtime.isRunning("debug") }
    }
  }

  @Test func itEndsWithAPodThatHasFinished() async throws {
    let agent = try TestAgent()
    agent.add(testPod(restartPolicy: "Never"))
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      try await debug(agent)
      await eventually("so does the other") { agent.runtime.isRunning("debug") }
      agent.runtime.exit("main", code: 0)
      await eventually("it has succeeded") { agent.pod()?.podPhase == "Succeeded" }
    }
    #expect(agent.runtime.calls.contains("stop debug#0 grace=30"))
  }

  @Test func whatItRefersToIsFetched() async throws {
    let agent = try TestAgent()
    agent.add(testPod())
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      agent.api.put(.configMaps, ["metadata": ["name": "m", "namespace": "default"], "data": ["k": "v"]])
      try await debug(
        agent, ["env": [["name": "K", "valueFrom": ["configMapKeyRef": ["name": "m", "key": "k"]]]]])
      await eventually("it runs") { agent.runtime.isRunning("debug") }
    }
    #expect(agent.runtime.config("debug")?.envs.contains { $0.key == "K" && $0.value == "v" } == true)
  }
}
