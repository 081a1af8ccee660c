import APIClient
import APITesting
import ContainerRuntime
import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

@Suite(.timeLimit(.minutes(5))) struct ReplacementTests {
  private func setImage(_ agent: TestAgent, _ image: String) async throws {
    _ = try await agent.api.client.patch(
      .pods, namespace: "default", name: "web",
      ["spec": ["containers": [testContainer("main", ["image": .string(image)])]]])
  }

  @Test func aNewImageReplacesWhatRunsWhateverTheRestartPolicy() async throws {
    let agent = try TestAgent()
    agent.runtime.addImage("app:2")
    agent.add(testPod(restartPolicy: "Never"))
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      try await setImage(agent, "app:2")
      await eventually("it runs anew") { agent.containerStatus("main")?["restartCount"] == 1 }
      await eventually("it is ready") { agent.isReady }
      #expect(agent.runtime.config("main")?.image.image == "sha256:app:2")
      #expect(agent.pod()?.podPhase == "Running")
    }
    #expect(agent.runtime.calls.contains("stop main#0 grace=30"))
    #expect(agent.events("Killing") == ["Container main definition changed, will be restarted"])
  }

  @Test func theStatusIsToldWhileTheOldContainerTakesItsTime() async throws {
    let agent = try TestAgent()
    agent.runtime.addImage("app:2")
    agent.runtime.ignoreStops(of: "main")
    agent.add(testPod { $0[path: "metadata", "generation"] = 1 })
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      _ = try await agent.api.client.patch(
        .pods, namespace: "default", name: "web",
        [
          "metadata": ["generation": 2],
          "spec": ["containers": [testContainer("main", ["image": "app:2"])]],
        ])
      await eventually("it is told to end") { agent.runtime.calls.contains("stop main#0 grace=30") }
      await eventually("the generation was seen") { agent.pod()?.status["observedGeneration"] == 2 }
      #expect(agent.runtime.isRunning("main"))
      agent.runtime.exit("main", code: 0)
      await eventually("it runs anew") { agent.containerStatus("main")?["restartCount"] == 1 }
    }
  }

  @Test func aNewImageNeedNotWaitForTheOldOnesFailures() async throws {
    let agent = try TestAgent()
    agent.runtime.addImage("app:2")
    agent.runtime.exitAtOnce("main", code: 1)
    agent.add(testPod())
    try await agent.run {
      await eventually("it waits") { agent.waitingReason("main") == "CrashLoopBackOff" }
      agent.runtime.exitAtOnce("main", code: nil)
      try await setImage(agent, "app:2")
      await eventually("it runs") { agent.isReady }
    }
  }

  @Test func aContainerThatSaysNothingOfItsOriginIsLeftAlone() {
    var runtime = PodRuntime.of([.run("main")])
    let pod = testPod()
    func replacements() -> [String] {
      PodPlan.make(pod: pod, runtime: runtime, backoff: CrashBackoff(), now: Timestamp(seconds: 1)) { _ in true }
        .replacements
    }
    #expect(replacements() == [])
    runtime.containers["main"]?[0].definition = ContainerDefinition.hash(of: testContainer())
    #expect(replacements() == [])
    runtime.containers["main"]?[0].definition = ContainerDefinition.hash(of: testContainer("main", ["image": "app:0"]))
    #expect(replacements() == ["main"])
  }
}
