import APIClient
import APITesting
import ContainerRuntime
import JSONTree
import KubernetesAPI
import LinuxKernel
import Testing

@testable import NodeAgent

/// Pods that cannot run as they are.
@Suite(.timeLimit(.minutes(5))) struct RefusalTests {
  @Test func anUnsupportedFieldKeepsThePodPending() async throws {
    let agent = try TestAgent()
    agent.add(testPod { $0[path: "spec", "hostUsers"] = false })
    try await agent.run {
      await eventually("it is said") { agent.waitingReason("main") == "UnsupportedField" }
      await settle()
    }
    #expect(agent.runtime.calls == [])
    #expect(agent.pod()?.podPhase == "Pending")
    let texts = agent.events("UnsupportedField")
    #expect(texts.count == 1)
    #expect(texts.first?.contains("spec.hostUsers") == true)
  }

  @Test func aRuntimeClassNamesTheRuntimesHandler() async throws {
    let agent = try TestAgent()
    agent.add(testPod { $0[path: "spec", "runtimeClassName"] = "vm" })
    try await agent.run {
      let message = "Failed to create pod sandbox: runtimeclass.node.k8s.io \"vm\" not found"
      await eventually("it is missed") { agent.events("FailedCreatePodSandBox") == [message] }
      #expect(agent.runtime.calls == [])
      agent.api.put(.runtimeClasses, ["metadata": ["name": "vm"], "handler": "kata"])
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(1))
      await eventually("it runs") { agent.isReady }
    }
    #expect(agent.runtime.calls.first == "runSandbox web#0 by kata")
  }

  @Test func anUnsupportedFieldThatComesLaterDoesNotEndThePod() async throws {
    let agent = try TestAgent()
    agent.add(testPod())
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      _ = try await agent.api.client.patch(
        .pods, namespace: "default", name: "web",
        ["spec": ["ephemeralContainers": [testContainer("debug", ["ports": [["containerPort": 1]]])]]])
      await eventually("it is said") { agent.events("UnsupportedField").count == 1 }
      await eventually("it waits") { agent.waitingReason("debug") == "UnsupportedField" }
      agent.runtime.exit("main", code: 1)
      await eventually("it is restarted") { agent.containerStatus("main")?["restartCount"] == 1 && agent.isReady }
    }
    #expect(agent.runtime.containerID("debug") == nil)
  }

  @Test func aMissingConfigMapKeepsTheContainerWaitingUntilItIsThere() async throws {
    let agent = try TestAgent()
    let variable: JSON = [
      "name": "MODE", "valueFrom": ["configMapKeyRef": ["name": "settings", "key": "mode"]],
    ]
    agent.add(testPod(containers: [testContainer("main", ["env": [variable]])]))
    try await agent.run {
      await eventually("it waits") { agent.waitingReason("main") == "CreateContainerConfigError" }
      #expect(
        agent.containerStatus("main")?["state"]?["waiting"]?["message"] == "configmap \"settings\" not found")
      #expect(agent.events("Failed") == ["Error: configmap \"settings\" not found"])
      agent.api.put(
        .configMaps, ["metadata": ["name": "settings", "namespace": "default"], "data": ["mode": "fast"]])
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(10))
      await eventually("it runs") { agent.isReady }
    }
    let pair = agent.runtime.config("main")?.envs.first { $0.key == "MODE" }
    #expect(pair?.value == "fast")
  }

  @Test func aVolumeThatCannotBeFilledIsNamed() async throws {
    let agent = try TestAgent()
    agent.add(testPod { $0[path: "spec", "volumes"] = [["name": "conf", "configMap": ["name": "settings"]]] })
    try await agent.run {
      await eventually("it is said") { !agent.events("FailedMount").isEmpty }
      #expect(
        agent.events("FailedMount").first
          == "MountVolume.SetUp failed for volume \"conf\" : configmap \"settings\" not found")
      agent.api.put(.configMaps, ["metadata": ["name": "settings", "namespace": "default"], "data": ["a": "b"]])
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(2))
      await eventually("it runs") { agent.isReady }
    }
  }

  @Test func contentOfVolumesFollowsItsSourceWithoutBusyness() async throws {
    let agent = try TestAgent()
    agent.api.put(.configMaps, ["metadata": ["name": "settings", "namespace": "default"], "data": ["a": "old"]])
    let uid = agent.add(
      testPod { $0[path: "spec", "volumes"] = [["name": "conf", "configMap": ["name": "settings"]]] }
    ).uid
    let file = "\(agent.folder.path)/state/pods/\(uid)/volumes/content/conf/a"
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      #expect(try KernelFile.text(file) == "old")
      _ = try await agent.api.client.patch(
        .configMaps, namespace: "default", name: "settings", ["data": ["a": "new"]])
      await agent.timerIsSet()
      agent.api.forgetRequests()
      agent.clock.advance(by: .seconds(60))
      await eventually("the file has changed") { (try? KernelFile.text(file)) == "new" }
      await agent.timerIsSet()
      await settle()
      #expect(agent.api.requests.filter { $0.path.contains("configmaps") }.count == 1)
    }
    // So does it for an agent that only adopted the pod.
    let second = try TestAgent(after: agent)
    _ = try await second.api.client.patch(
      .configMaps, namespace: "default", name: "settings", ["data": ["a": "newest"]])
    try await second.run { await eventually("the file has changed") { (try? KernelFile.text(file)) == "newest" } }
  }

  @Test func anImageThatCannotBePulledBacksOff() async throws {
    let agent = try TestAgent()
    agent.add(testPod(containers: [testContainer("main", ["image": "far:1"])]))
    try await agent.run {
      await eventually("it failed") { agent.waitingReason("main") == "ErrImagePull" }
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(1))
      await eventually("it backs off") { agent.waitingReason("main") == "ImagePullBackOff" }
      #expect(agent.runtime.calls.filter { $0 == "pull far:1" }.count == 1)
      #expect(
        agent.containerStatus("main")?["state"]?["waiting"]?["message"]
          == "Back-off pulling image \"far:1\": ErrImagePull: rpc error: code = NotFound desc = far:1: not found")
      agent.runtime.allowPull(of: "far:1")
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(9))
      await eventually("it runs") { agent.isReady }
    }
    #expect(
      agent.events("Failed") == [
        "Failed to pull image \"far:1\": rpc error: code = NotFound desc = far:1: not found", "Error: ErrImagePull",
        "Error: ImagePullBackOff",
      ])
    #expect(agent.events("BackOff") == ["Back-off pulling image \"far:1\""])
    #expect(
      agent.events("Pulled").first
        == "Successfully pulled image \"far:1\" in 0ms (0ms including waiting). Image size: 1000 bytes.")
  }

  @Test func anImageThatMustBeThereIsNotPulled() async throws {
    let agent = try TestAgent()
    agent.add(testPod(containers: [testContainer("main", ["image": "far:1", "imagePullPolicy": "Never"])]))
    try await agent.run { await eventually("it waits") { agent.waitingReason("main") == "ErrImageNeverPull" } }
    #expect(
      agent.events("ErrImageNeverPull")
        == ["Container image \"far:1\" is not present with pull policy of Never"])
    #expect(agent.events("Failed") == ["Error: ErrImageNeverPull"])
    #expect(!agent.runtime.calls.contains("pull far:1"))
  }

  @Test func aSandboxThatCannotBeMadeIsTriedAgain() async throws {
    let agent = try TestAgent()
    agent.runtime.fail("runSandbox", with: ContainerRuntimeError(.unknown(2), "no network"))
    agent.add(testPod())
    try await agent.run {
      await eventually("it is said") { !agent.events("FailedCreatePodSandBox").isEmpty }
      #expect(
        agent.events("FailedCreatePodSandBox") == [
          "Failed to create pod sandbox: rpc error: code = Unknown desc = no network"
        ])
      // Each pause is twice as long as the one before.
      for (tries, seconds) in [(2, 1), (3, 2), (4, 4)] {
        await agent.timerIsSet()
        agent.clock.advance(by: .seconds(seconds) - .milliseconds(1))
        await settle()
        #expect(agent.events("FailedCreatePodSandBox").count == tries - 1)
        await agent.timerIsSet()
        agent.clock.advance(by: .milliseconds(1))
        await eventually("try \(tries)") { agent.events("FailedCreatePodSandBox").count == tries }
      }
      agent.runtime.fail("runSandbox", with: nil)
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(8))
      await eventually("it runs") { agent.isReady }
    }
  }
}
