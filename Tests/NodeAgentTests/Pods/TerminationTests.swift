import APIClient
import APITesting
import ContainerRuntime
import JSONTree
import KubernetesAPI
import LinuxKernel
import Synchronization
import Testing

@testable import NodeAgent

@Suite(.timeLimit(.minutes(5))) struct TerminationTests {
  private let name = ObjectName(namespace: "default", name: "web")

  private func delete(_ agent: TestAgent, grace: Int? = nil) async throws {
    try await agent.api.client.delete(
      .pods, namespace: "default", name: "web", options: DeleteOptions(gracePeriodSeconds: grace))
  }

  @Test func aDeletedPodEndsInOrderAndLeavesNothing() async throws {
    let agent = try TestAgent()
    let hook: JSON = ["preStop": ["exec": ["command": ["bye"]]]]
    agent.executor.answer { [clock = agent.clock] _ in
      clock.advance(by: .seconds(5))
      return ProbeResult(isSuccess: true)
    }
    agent.add(testPod(containers: [testContainer("main", ["lifecycle": hook])]))
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      let uid = try #require(agent.pod()?.uid)
      agent.api.forgetRequests()
      try await delete(agent)
      await eventually("the object is gone") { agent.pod() == nil }
      await eventually("the runtime has nothing") { agent.runtime.isEmpty }
      #expect(FileTree.names(in: agent.folder.path + "/state/pods") == [])
      #expect(FileTree.names(in: agent.folder.path + "/logs") == [])
      #expect(!uid.isEmpty)
    }
    #expect(agent.executor.actions == [.exec(["bye"])])
    // The hook's five seconds count.
    #expect(
      agent.runtime.calls.drop { $0 != "start main#0" }.dropFirst() == [
        "stop main#0 grace=25", "stopSandbox sandbox-1", "remove main#0", "stopSandbox sandbox-1",
        "removeSandbox sandbox-1",
      ])
    #expect(agent.events("Killing") == ["Stopping container main"])
  }

  @Test func theFinalStatusIsWrittenBeforeTheObjectGoes() async throws {
    let agent = try TestAgent()
    agent.add(testPod())
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      agent.api.forgetRequests()
      let watch = try await agent.api.client.watch(.pods, namespace: "default")
      try await delete(agent)
      var last: JSON = [:]
      for try await event in watch {
        guard case .deleted(let pod) = event else { continue }
        last = pod
        break
      }
      #expect(last.podPhase == "Failed")
      #expect(last.status["containerStatuses"]?.items.first?["state"]?["terminated"]?["exitCode"] == 143)
      #expect(last.condition("Ready")?["status"] == "False")
    }
    #expect(agent.api.writes.last?.verb == .delete)
  }

  @Test func theGracePeriodOfTheDeletionCounts() async throws {
    let agent = try TestAgent()
    agent.add(testPod())
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      try await delete(agent, grace: 3)
      await eventually("the object is gone") { agent.pod() == nil }
    }
    #expect(agent.runtime.calls.contains("stop main#0 grace=3"))
  }

  @Test func aHookThatTakesTooLongLeavesTwoSeconds() async throws {
    let agent = try TestAgent()
    agent.executor.answer { [clock = agent.clock] _ in
      try? await clock.sleep(for: .seconds(3600))
      return ProbeResult(isSuccess: false)
    }
    agent.add(
      testPod(containers: [testContainer("main", ["lifecycle": ["preStop": ["sleep": ["seconds": 3600]]]])]))
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      try await delete(agent, grace: 10)
      await agent.timerIsSet(count: 2)
      agent.clock.advance(by: .seconds(10))
      await eventually("the object is gone") { agent.pod() == nil }
    }
    #expect(agent.executor.actions == [.sleep(seconds: 3600)])
    #expect(agent.runtime.calls.contains("stop main#0 grace=2"))
    #expect(agent.events("FailedPreStopHook") == [])
  }

  @Test func readinessIsAskedForToTheEndAndLivenessIsNot() async throws {
    let agent = try TestAgent()
    let probes: JSONObject = [
      "readinessProbe": ["exec": ["command": ["ready"]], "failureThreshold": 1, "periodSeconds": 2],
      "livenessProbe": ["exec": ["command": ["alive"]], "failureThreshold": 1, "periodSeconds": 2],
    ]
    agent.runtime.ignoreStops(of: "main")
    agent.add(testPod(containers: [testContainer("main", probes)]))
    try await agent.run {
      await eventually("it is ready") { agent.isReady }
      await eventually("it is alive") { agent.executor.actions.contains(.exec(["alive"])) }
      try await delete(agent)
      await eventually("it is told to end") { agent.runtime.calls.contains("stop main#0 grace=30") }
      let questions = agent.executor.actions.filter { $0 == .exec(["alive"]) }.count
      agent.executor.answer { _ in ProbeResult(isSuccess: false, message: "no more") }
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(2))
      await eventually("it is not ready") { agent.pod() != nil && !agent.isReady }
      #expect(agent.runtime.isRunning("main"))
      #expect(agent.executor.actions.filter { $0 == .exec(["alive"]) }.count == questions)
      agent.runtime.exit("main", code: 0)
      await eventually("the object is gone") { agent.pod() == nil }
    }
    #expect(agent.events("Killing") == ["Stopping container main"])
  }

  @Test func theEndOfOneContainerIsToldBeforeThatOfTheOthers() async throws {
    let agent = try TestAgent()
    agent.runtime.ignoreStops(of: "slow")
    agent.add(testPod(containers: [testContainer("quick"), testContainer("slow")]))
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      try await delete(agent)
      await eventually("one has ended") { agent.containerStatus("quick")?["ready"] == false }
      #expect(agent.containerStatus("quick")?["state"]?["terminated"]?["exitCode"] == 143)
      #expect(agent.containerStatus("slow")?["ready"] == true)
      #expect(agent.pod()?.podPhase == "Running")
      agent.runtime.exit("slow", code: 0)
      await eventually("the object is gone") { agent.pod() == nil }
    }
  }

  @Test func sidecarsEndLast() async throws {
    let agent = try TestAgent()
    agent.add(
      testPod(initContainers: [
        testContainer("one", ["restartPolicy": "Always"]), testContainer("two", ["restartPolicy": "Always"]),
      ]))
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      try await delete(agent)
      await eventually("the object is gone") { agent.pod() == nil }
    }
    let stops = agent.runtime.calls.filter { $0.hasPrefix("stop ") }
    #expect(stops == ["stop main#0 grace=30", "stop two#0 grace=30", "stop one#0 grace=30"])
  }

  @Test func aPodIsEndedAtItsDeadline() async throws {
    let agent = try TestAgent()
    agent.add(
      testPod(initContainers: [testContainer("mesh", ["restartPolicy": "Always"])]) {
        $0[path: "spec", "activeDeadlineSeconds"] = 60
        $0[path: "spec", "terminationGracePeriodSeconds"] = 7
      })
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(59))
      await settle()
      #expect(agent.isReady && agent.events("DeadlineExceeded") == [])
      await agent.timerIsSet()
      agent.clock.advance(by: .seconds(1))
      await eventually("it has failed") { agent.pod()?.podPhase == "Failed" }
    }
    let message = "Pod was active on the node longer than the specified deadline"
    #expect(agent.pod()?.status["reason"] == "DeadlineExceeded")
    #expect(agent.pod()?.status["message"]?.string == message)
    #expect(agent.events("DeadlineExceeded") == [message])
    #expect(agent.runtime.calls.filter { $0.hasPrefix("stop ") } == ["stop main#0 grace=7", "stop mesh#0 grace=7"])
    #expect(agent.runtime.calls.last == "stopSandbox sandbox-1")
    #expect(agent.containerStatus("main")?["state"]?["terminated"]?["exitCode"] == 143)
    #expect(agent.pod()?.condition("Ready")?["reason"] == "PodFailed")
    // It stays so for an agent that comes later.
    let second = try TestAgent(after: agent)
    try await second.run { await settle() }
    #expect(second.pod()?.status["reason"] == "DeadlineExceeded")
    #expect(second.events("DeadlineExceeded") == [])
  }

  @Test func aDeadlineCountsFromTheFirstStartAndMayBeShortened() async throws {
    let agent = try TestAgent()
    agent.add(testPod { $0[path: "spec", "activeDeadlineSeconds"] = 600 })
    try await agent.run { await eventually("it runs") { agent.isReady } }
    agent.clock.advance(by: .seconds(300))
    let second = try TestAgent(after: agent)
    try await second.run {
      await second.timerIsSet()
      _ = try await second.api.client.patch(
        .pods, namespace: "default", name: "web", ["spec": ["activeDeadlineSeconds": 300]])
      await eventually("it has failed") { second.pod()?.podPhase == "Failed" }
    }
  }

  @Test func aContainerMayAskForItsOwnSignal() async throws {
    let agent = try TestAgent()
    agent.add(testPod(containers: [testContainer("main", ["lifecycle": ["stopSignal": "SIGUSR1"]])]))
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      #expect(agent.containerStatus("main")?["stopSignal"] == "SIGUSR1")
      try await delete(agent)
      await eventually("the object is gone") { agent.pod() == nil }
    }
    #expect(agent.runtime.calls.contains("stop main#0 grace=30 signal=10"))
  }

  @Test(
    arguments: [
      ("SIGHUP", 1), ("SIGKILL", 9), ("SIGTERM", 15), ("SIGSYS", 31), ("SIGPOLL", 29), ("SIGRTMIN", 34),
      ("SIGRTMIN+15", 49), ("SIGRTMAX-14", 50), ("SIGRTMAX", 64), ("SIGRTMIN+16", nil), ("SIGRTMAX-0", nil),
      ("TERM", nil), ("SIGNONE", nil),
    ] as [(String, UInt32?)])
  func signalsHaveNumbers(_ name: String, _ number: UInt32?) { #expect(StopSignal.number(name) == number) }

  @Test func aForcedDeletionEndsWhatRuns() async throws {
    let agent = try TestAgent()
    agent.add(testPod())
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      agent.api.remove(.pods, name)
      await eventually("the runtime has nothing") { agent.runtime.isEmpty }
    }
    #expect(agent.runtime.calls.contains("stop main#0 grace=2"))
  }

  @Test func aPodThatNeverRanFails() async throws {
    let agent = try TestAgent()
    agent.runtime.fail("create main", with: .init(.unknown(2), "no"))
    agent.add(testPod { $0[path: "metadata", "finalizers"] = ["example.org/wait"] })
    try await agent.run {
      await eventually("it waits") { agent.waitingReason("main") == "CreateContainerError" }
      try await delete(agent)
      await eventually("its end is told") { agent.pod()?.podPhase == "Failed" }
      await eventually("the runtime has nothing") { agent.runtime.isEmpty }
    }
  }

  @Test func anEndThatTheServerDidNotHearOfKeepsItsStatus() async throws {
    let agent = try TestAgent()
    agent.add(testPod { $0[path: "metadata", "finalizers"] = ["example.org/wait"] })
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      try await delete(agent)
      await eventually("its end is told") { agent.pod()?.podPhase == "Failed" }
      await eventually("the runtime has nothing") { agent.runtime.isEmpty }
    }
    let told = try #require(agent.pod()?.status)
    let second = try TestAgent(after: agent)
    try await second.run { await settle() }
    #expect(agent.pod()?.status["containerStatuses"] == told["containerStatuses"])
  }
}
