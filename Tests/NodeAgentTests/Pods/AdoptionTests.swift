import APIClient
import APITesting
import ContainerRuntime
import JSONTree
import KubernetesAPI
import LinuxKernel
import Synchronization
import Testing

@testable import NodeAgent

@Suite(.timeLimit(.minutes(5))) struct AdoptionTests {
  private let probe: JSON = ["exec": ["command": ["ready"]], "periodSeconds": 10, "failureThreshold": 2]

  @Test func aRestartedAgentKeepsPodsAsTheyAre() async throws {
    let agent = try TestAgent()
    agent.add(testPod(containers: [testContainer("main", ["readinessProbe": probe])]))
    // The fake replaces lists that a server merges, so that the scheduler's condition is made anew.
    try await agent.run {
      await eventually("it is ready") { agent.isReady && agent.pod()?.condition("PodScheduled") != nil }
    }
    let before = try #require(agent.pod()?.status)
    let calls = agent.runtime.calls
    agent.api.forgetRequests()

    agent.clock.advance(by: .seconds(5))
    let second = try TestAgent(after: agent)
    let asked = Mutex(false)
    second.executor.answer { _ in
      asked.withLock { $0 = true }
      return ProbeResult(isSuccess: true)
    }
    try await second.run { await eventually("the probe goes on") { asked.withLock { $0 } } }
    #expect(second.runtime.calls == calls)
    #expect(second.pod()?.status == before)
    #expect(second.api.writes.map(\.description) == [])
    #expect(second.events == [])
  }

  @Test func readinessIsKeptUntilTheProbeHasSpoken() async throws {
    let agent = try TestAgent()
    agent.add(testPod(containers: [testContainer("main", ["readinessProbe": probe])]))
    try await agent.run { await eventually("it is ready") { agent.isReady } }

    let second = try TestAgent(after: agent)
    second.executor.answer { _ in ProbeResult(isSuccess: false, message: "gone") }
    try await second.run {
      await eventually("a failure below the threshold") { second.events("Unhealthy").count == 1 }
      await settle()
      #expect(second.isReady)
      await second.timerIsSet()
      second.clock.advance(by: .seconds(10))
      await eventually("the threshold is reached") { !second.isReady }
    }
  }

  @Test func aPodThatWasNotReadyIsNotReadyBeforeItsProbePasses() async throws {
    let agent = try TestAgent()
    agent.executor.answer { _ in ProbeResult(isSuccess: false, message: "no") }
    agent.add(testPod(containers: [testContainer("main", ["readinessProbe": probe])]))
    try await agent.run { await eventually("it runs") { agent.pod()?.podPhase == "Running" } }

    let second = try TestAgent(after: agent)
    second.executor.answer { _ in ProbeResult(isSuccess: false, message: "no") }
    try await second.run {
      await eventually("it is asked") { !second.executor.actions.isEmpty }
      await settle()
      #expect(!second.isReady)
    }
  }

  @Test func nothingIsToldWhileTheRuntimeDoesNotAnswer() async throws {
    let agent = try TestAgent()
    agent.add(testPod())
    try await agent.run { await eventually("it is ready") { agent.isReady } }

    let second = try TestAgent(after: agent)
    try await second.run {
      second.runtime.setReachable(false)
      await second.timerIsSet()
      // A change by somebody else must not bring a guess about.
      _ = try await second.api.client.patch(
        .pods, namespace: "default", name: "web", ["metadata": ["labels": ["a": "b"]]])
      await settle()
      #expect(second.isReady)
      #expect(second.containerStatus("main")?["state"]?["running"] != nil)
      second.runtime.setReachable(true)
      second.clock.advance(by: .seconds(1))
      await settle()
      #expect(second.isReady)
    }
  }

  @Test func whatEndedMeanwhileIsRestarted() async throws {
    let agent = try TestAgent()
    agent.add(testPod())
    try await agent.run { await eventually("it is ready") { agent.isReady } }
    agent.runtime.exit("main", code: 1)

    let second = try TestAgent(after: agent)
    try await second.run {
      await eventually("it runs again") {
        second.containerStatus("main")?["restartCount"] == 1 && second.isReady
      }
    }
  }

  @Test func podsDeletedMeanwhileAreEnded() async throws {
    let agent = try TestAgent()
    agent.add(testPod())
    try await agent.run { await eventually("it is ready") { agent.isReady } }
    agent.api.remove(.pods, ObjectName(namespace: "default", name: "web"))
    agent.add(testPod("other"))

    let second = try TestAgent(after: agent)
    try await second.run {
      await eventually("only the other is left") {
        second.pod("other")?.isPodReady == true
          && second.runtime.calls.contains("removeSandbox sandbox-1")
      }
      await eventually("its files are gone") { FileTree.names(in: second.folder.path + "/state/pods").count == 1 }
    }
  }

  @Test func theEndOfATerminatingPodIsTakenUp() async throws {
    let agent = try TestAgent()
    agent.add(testPod())
    try await agent.run { await eventually("it is ready") { agent.isReady } }
    try await agent.api.client.delete(.pods, namespace: "default", name: "web")

    let second = try TestAgent(after: agent)
    try await second.run { await eventually("it is gone") { second.pod() == nil && second.runtime.isEmpty } }
  }
}
