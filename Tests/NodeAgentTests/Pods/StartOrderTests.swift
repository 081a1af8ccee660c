import APITesting
import ContainerRuntime
import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

@Suite(.timeLimit(.minutes(5))) struct StartOrderTests {
  @Test func initContainersEndBeforeTheNextBegins() async throws {
    let agent = try TestAgent()
    agent.add(testPod(initContainers: [testContainer("first"), testContainer("second")]))
    try await agent.run {
      await eventually("the first runs") { agent.runtime.isRunning("first") }
      await settle()
      #expect(agent.runtime.calls == ["runSandbox web#0", "create first#0", "start first#0"])
      #expect(agent.pod()?.podPhase == "Pending")
      #expect(agent.containerStatus("main")?["state"]?["waiting"]?["reason"] == "PodInitializing")
      agent.runtime.exit("first", code: 0)
      await eventually("the second runs") { agent.runtime.isRunning("second") }
      #expect(!agent.runtime.isRunning("main"))
      agent.runtime.exit("second", code: 0)
      await eventually("the pod is ready") { agent.isReady }
    }
    #expect(
      agent.runtime.calls.suffix(4) == ["create second#0", "start second#0", "create main#0", "start main#0"])
    #expect(agent.pod()?.podPhase == "Running")
    #expect(agent.pod()?.condition("Initialized")?["status"] == "True")
  }

  @Test func aSidecarMustHaveStartedAndRunsOn() async throws {
    let agent = try TestAgent()
    let probe: JSON = ["exec": ["command": ["up"]], "periodSeconds": 1]
    agent.executor.answer { _ in ProbeResult(isSuccess: false, message: "no") }
    agent.add(
      testPod(initContainers: [
        testContainer("mesh", ["restartPolicy": "Always", "startupProbe": probe]), testContainer("setup"),
      ]))
    try await agent.run {
      await eventually("the sidecar is asked") { agent.executor.actions == [.exec(["up"])] }
      await settle()
      #expect(agent.runtime.containerID("setup") == nil)
      agent.executor.answer { _ in ProbeResult(isSuccess: true) }
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(1))
      await eventually("the next runs") { agent.runtime.isRunning("setup") }
      agent.runtime.exit("setup", code: 0)
      await eventually("the pod is ready") { agent.isReady }
      #expect(agent.runtime.isRunning("mesh"))
    }
  }

  @Test func eventsTellWhatHappened() async throws {
    let agent = try TestAgent()
    agent.add(testPod())
    try await agent.run { await eventually("the pod is ready") { agent.isReady } }
    #expect(
      agent.events.map(\.description) == [
        "Pulled spec.containers{main} Container image \"app:1\" already present on machine and can be accessed by the pod",
        "Created spec.containers{main} Container created",
        "Started spec.containers{main} Container started",
      ])
  }

  @Test func aLostSandboxIsReplacedAndItsNetworkTakenDown() async throws {
    let agent = try TestAgent()
    agent.add(testPod())
    try await agent.run {
      await eventually("the pod is ready") { agent.isReady }
      let first = agent.pod()?.status["podIP"]
      agent.runtime.loseSandbox()
      await eventually("a new sandbox") { agent.runtime.calls.contains("start main#1") }
      await eventually("ready again") { agent.isReady && agent.pod()?.status["podIP"] != first }
      #expect(agent.runtime.calls.contains("stopSandbox sandbox-1"))
      #expect(agent.events("SandboxChanged") == ["Pod sandbox changed, it will be killed and re-created."])
      #expect(agent.containerStatus("main")?["restartCount"] == 1)
      #expect(agent.containerStatus("main")?["lastState"]?["terminated"]?["exitCode"] == 137)
    }
  }

  @Test func aPostStartHookThatFailsEndsTheContainer() async throws {
    let agent = try TestAgent()
    agent.executor.answer { _ in ProbeResult(isSuccess: false, message: "no") }
    agent.add(testPod(containers: [testContainer("main", ["lifecycle": ["postStart": ["exec": ["command": ["x"]]]]])]))
    try await agent.run {
      await eventually("the container is stopped") { agent.runtime.calls.contains("stop main#0 grace=30") }
      await eventually("the reason is told") { agent.waitingReason("main") == "PostStartHookError" }
      #expect(agent.events("FailedPostStartHook").first == "PostStartHook failed")
      #expect(!agent.isReady)
    }
  }

  @Test func environmentSeesThePodsAddress() async throws {
    let agent = try TestAgent()
    let variable: JSON = ["name": "IP", "valueFrom": ["fieldRef": ["fieldPath": "status.podIP"]]]
    agent.add(testPod(containers: [testContainer("main", ["env": [variable], "command": ["run", "$(IP)"]])]))
    try await agent.run {
      await eventually("the pod is ready") { agent.isReady }
      let address = try #require(agent.pod()?.status["podIP"]?.string)
      #expect(agent.runtime.config("main")?.command == ["run", address])
    }
  }
}
