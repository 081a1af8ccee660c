import APITesting
import ContainerRuntime
import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

@Suite(.timeLimit(.minutes(5))) struct RestartTests {
  /// Lets the container end, and expects its next attempt `delay` later and no sooner.
  private func expectRestart(_ attempt: Int, after delay: Duration, of agent: TestAgent) async {
    agent.runtime.exit("main", code: 1)
    await eventually("attempt \(attempt) waits") { agent.waitingReason("main") == "CrashLoopBackOff" }
    await agent.timerIsSet()
    agent.clock.advance(by: delay - .milliseconds(1))
    await settle()
    #expect(!agent.runtime.calls.contains("start main#\(attempt)"))
    await agent.timerIsSet()
    agent.clock.advance(by: .milliseconds(1))
    await eventually("attempt \(attempt) begins") { agent.runtime.calls.contains("start main#\(attempt)") }
    await eventually("it runs") { agent.isReady }
  }

  @Test func aContainerThatKeepsFailingWaitsLongerEachTime() async throws {
    let agent = try TestAgent()
    agent.add(testPod())
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      agent.runtime.exit("main", code: 1)
      await eventually("the first restart is at once") { agent.runtime.calls.contains("start main#1") }
      await eventually("it runs") { agent.isReady }
      await expectRestart(2, after: .seconds(10), of: agent)
      await expectRestart(3, after: .seconds(20), of: agent)
      await eventually("the count is told") { agent.containerStatus("main")?["restartCount"] == 3 }
      let status = try #require(agent.containerStatus("main"))
      #expect(status["lastState"]?["terminated"]?["exitCode"] == 1)
    }
    let uid = agent.pod()?.uid ?? ""
    #expect(
      agent.events("BackOff") == [
        "Back-off restarting failed container main in pod web_default(\(uid))",
        "Back-off restarting failed container main in pod web_default(\(uid))",
      ])
  }

  @Test func anEndThatTheListsShowLateIsWaitedFor() async throws {
    let agent = try TestAgent()
    agent.add(testPod())
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      agent.runtime.announceEnd(of: "main")
      await agent.timerIsSet()
      #expect(agent.isReady)
      agent.runtime.exit("main", code: 1)
      agent.clock.advance(by: .milliseconds(10))
      await eventually("it is restarted") { agent.runtime.calls.contains("start main#1") }
    }
  }

  @Test func onlyTheLastTwoRunsAreKept() async throws {
    let agent = try TestAgent()
    agent.add(testPod())
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      agent.runtime.exit("main", code: 1)
      await eventually("attempt 1") { agent.containerStatus("main")?["restartCount"] == 1 && agent.isReady }
      await expectRestart(2, after: .seconds(10), of: agent)
      await eventually("the oldest is removed") { agent.runtime.calls.contains("remove main#0") }
      #expect(!agent.runtime.calls.contains("remove main#1"))
    }
  }

  @Test func aStartThatFailsIsTriedAgain() async throws {
    let agent = try TestAgent()
    agent.runtime.fail("start main", with: .init(.unknown(2), "exec: \"nope\": not found"))
    agent.add(testPod())
    try await agent.run {
      await eventually("the reason is told") { agent.waitingReason("main") == "RunContainerError" }
      #expect(agent.events("Failed") == ["Error: exec: \"nope\": not found"])
      agent.runtime.fail("start main", with: nil)
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(10))
      await eventually("it runs") { agent.isReady }
    }
  }

  @Test func aPodThatNeverRestartsFailsWithItsContainer() async throws {
    let agent = try TestAgent()
    agent.add(testPod(restartPolicy: "Never"))
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      agent.runtime.exit("main", code: 3)
      await eventually("it has failed") { agent.pod()?.podPhase == "Failed" }
      await eventually("the sandbox is stopped") { agent.runtime.calls.last == "stopSandbox sandbox-1" }
    }
    let state = agent.containerStatus("main")?["state"]?["terminated"]
    #expect(state?["exitCode"] == 3)
    #expect(agent.pod()?.condition("Ready")?["reason"] == "PodFailed")
    #expect(agent.runtime.calls.filter { $0.hasPrefix("start") }.count == 1)
  }

  @Test func aStartThatFailsEndsAPodThatNeverRestarts() async throws {
    let agent = try TestAgent()
    agent.runtime.fail("start main", with: .init(.unknown(2), "exec: \"nope\": not found"))
    agent.add(testPod(restartPolicy: "Never"))
    try await agent.run { await eventually("it has failed") { agent.pod()?.podPhase == "Failed" } }
    #expect(agent.containerStatus("main")?["state"]?["terminated"]?["reason"] == "StartError")
  }

  @Test func onFailureRestartsUntilItSucceeds() async throws {
    let agent = try TestAgent()
    agent.add(testPod(restartPolicy: "OnFailure", containers: [testContainer("main"), testContainer("side")]))
    try await agent.run {
      await eventually("both run") { agent.isReady }
      agent.runtime.exit("side", code: 0)
      agent.runtime.exit("main", code: 1)
      await eventually("only the failed one is restarted") { agent.runtime.calls.contains("start main#1") }
      #expect(agent.pod()?.podPhase == "Running")
      agent.runtime.exit("main", code: 0)
      await eventually("it has succeeded") { agent.pod()?.podPhase == "Succeeded" }
    }
    #expect(!agent.runtime.calls.contains("start side#1"))
    #expect(agent.pod()?.condition("Ready")?["reason"] == "PodCompleted")
  }

  @Test func aFailedInitContainerEndsAPodThatNeverRestarts() async throws {
    let agent = try TestAgent()
    agent.runtime.exitAtOnce("setup", code: 2)
    agent.add(testPod(restartPolicy: "Never", initContainers: [testContainer("setup")]))
    try await agent.run { await eventually("it has failed") { agent.pod()?.podPhase == "Failed" } }
    #expect(agent.runtime.containerID("main") == nil)
    #expect(agent.pod()?.condition("Initialized")?["status"] == "False")
  }
}
