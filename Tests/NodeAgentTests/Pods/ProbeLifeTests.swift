import APITesting
import ContainerRuntime
import JSONTree
import KubernetesAPI
import Synchronization
import Testing

@testable import NodeAgent

@Suite(.timeLimit(.minutes(5))) struct ProbeLifeTests {
  private func probe(_ name: String, _ more: JSONObject = [:]) -> JSON {
    var members: JSONObject = ["exec": ["command": [.string(name)]], "periodSeconds": 10]
    for member in more.members { members[member.key] = member.value }
    return .object(members)
  }

  @Test func aPodIsReadyOnlyOnceItsProbePasses() async throws {
    let agent = try TestAgent()
    agent.executor.answer { _ in ProbeResult(isSuccess: false, message: "not yet") }
    agent.add(testPod(containers: [testContainer("main", ["readinessProbe": probe("ready")])]))
    try await agent.run {
      await eventually("it runs") { agent.pod()?.podPhase == "Running" }
      await eventually("it was asked") { !agent.executor.actions.isEmpty }
      await settle()
      #expect(agent.containerStatus("main")?["ready"] == false)
      #expect(agent.pod()?.condition("ContainersReady")?["message"] == "containers with unready status: [main]")
      await eventually("it is said") { agent.events("Unhealthy") == ["Readiness probe failed: not yet"] }
      agent.executor.answer { _ in ProbeResult(isSuccess: true) }
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(10))
      await eventually("it is ready") { agent.isReady }
      #expect(agent.pod()?.condition("Ready")?["reason"] == nil)
    }
  }

  @Test func readinessIsLostAtTheThreshold() async throws {
    let agent = try TestAgent()
    agent.add(
      testPod(containers: [testContainer("main", ["readinessProbe": probe("ready", ["failureThreshold": 2])])]))
    try await agent.run {
      await eventually("it is ready") { agent.isReady }
      agent.executor.answer { _ in ProbeResult(isSuccess: false, message: "gone") }
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(10))
      await eventually("the first failure") { agent.events("Unhealthy").count == 1 }
      #expect(agent.isReady)
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(10))
      await eventually("it is not ready") { !agent.isReady }
      #expect(agent.runtime.isRunning("main"))
    }
  }

  @Test func aContainerThatIsNotAliveIsRestarted() async throws {
    let agent = try TestAgent()
    let alive = Mutex(true)
    // Dead once: the next container is asked before anybody could say that it lives.
    agent.executor.answer { _ in
      let isAlive = alive.withLock { isAlive in
        defer { isAlive = true }
        return isAlive
      }
      return ProbeResult(isSuccess: isAlive, message: "dead")
    }
    let liveness = probe("alive", ["failureThreshold": 1, "terminationGracePeriodSeconds": 7])
    // The grace period of another probe must not count.
    let startup = probe("alive", ["terminationGracePeriodSeconds": 99])
    agent.add(testPod(containers: [testContainer("main", ["livenessProbe": liveness, "startupProbe": startup])]))
    try await agent.run {
      await eventually("it is ready") { agent.isReady }
      alive.withLock { $0 = false }
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(10))
      await eventually("it is stopped") { agent.runtime.calls.contains("stop main#0 grace=7") }
      await eventually("it runs again") { agent.runtime.calls.contains("start main#1") }
      await eventually("it is ready again") { agent.isReady }
    }
    #expect(agent.events("Unhealthy") == ["Liveness probe failed: dead"])
    #expect(agent.events("Killing") == ["Container main failed liveness probe, will be restarted"])
  }

  @Test func aPodThatNeverRestartsIsNotPromisedARestart() async throws {
    let agent = try TestAgent()
    agent.executor.answer { _ in ProbeResult(isSuccess: false, message: "dead") }
    let liveness = probe("alive", ["failureThreshold": 1])
    agent.add(testPod(restartPolicy: "Never", containers: [testContainer("main", ["livenessProbe": liveness])]))
    try await agent.run { await eventually("it has failed") { agent.pod()?.podPhase == "Failed" } }
    #expect(agent.events("Killing") == ["Container main failed liveness probe"])
  }

  @Test func otherProbesWaitForTheStartupProbe() async throws {
    let agent = try TestAgent()
    agent.executor.answer { ProbeResult(isSuccess: $0 != .exec(["started"]), message: "no") }
    agent.add(
      testPod(containers: [
        testContainer(
          "main", ["startupProbe": probe("started", ["periodSeconds": 1]), "readinessProbe": probe("ready")])
      ]))
    try await agent.run {
      await eventually("the startup probe runs") { agent.executor.actions.count == 1 }
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(1))
      await eventually("and again") { agent.executor.actions.count == 2 }
      #expect(agent.executor.actions == [.exec(["started"]), .exec(["started"])])
      #expect(agent.containerStatus("main")?["started"] == false)
      agent.executor.answer { _ in ProbeResult(isSuccess: true) }
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(1))
      await eventually("it is ready") { agent.isReady }
      #expect(agent.containerStatus("main")?["started"] == true)
    }
  }

  @Test func aContainerThatNeverStartsUpIsRestarted() async throws {
    let agent = try TestAgent()
    agent.executor.answer { _ in ProbeResult(isSuccess: false, message: "no") }
    let startup = probe("started", ["failureThreshold": 2, "periodSeconds": 1])
    agent.add(testPod(containers: [testContainer("main", ["startupProbe": startup])]))
    try await agent.run {
      await eventually("the first failure") { agent.events("Unhealthy").count == 1 }
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(1))
      await eventually("it is stopped") { agent.runtime.calls.contains("stop main#0 grace=30") }
    }
    #expect(agent.events("Killing").first == "Container main failed startup probe, will be restarted")
  }

  @Test func probesGoToThePodsAddress() async throws {
    let agent = try TestAgent()
    let get: JSON = ["port": "web", "httpHeaders": [["name": "A", "value": "b"]], "scheme": "HTTPS"]
    agent.add(
      testPod(containers: [
        testContainer("main", ["ports": [["name": "web", "containerPort": 8443]], "readinessProbe": ["httpGet": get]])
      ]))
    try await agent.run { await eventually("it is ready") { agent.isReady } }
    let address = try #require(agent.pod()?.status["podIP"]?.string)
    #expect(
      agent.executor.actions.first
        == .http(scheme: "https", host: address, port: 8443, path: "/", headers: [["A", "b"]]))
  }
}
