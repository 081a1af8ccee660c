import APIClient
import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

@Suite(.timeLimit(.minutes(5))) struct ContainerRestartTests {
  private func rule(_ action: String, _ relation: String = "In", _ codes: JSON...) -> JSON {
    ["action": .string(action), "exitCodes": ["operator": .string(relation), "values": .array(codes)]]
  }

  private func verdict(_ container: JSON, _ code: Int32, pod policy: String, initial: Bool = false) -> ContainerRestart
  {
    let pod = testPod(
      restartPolicy: policy, initContainers: initial ? [container] : [], containers: initial ? [] : [container])
    return ContainerRestart.after(code, of: container, in: pod)
  }

  @Test(
    arguments: [
      // The pod's policy, the container's, the exit code, and whether it runs again.
      ("Always", nil, 0, true), ("OnFailure", nil, 0, false), ("OnFailure", nil, 1, true), ("Never", nil, 1, false),
      ("Never", "Always", 0, true), ("Never", "OnFailure", 1, true), ("Never", "OnFailure", 0, false),
      ("Always", "Never", 1, false),
    ] as [(String, String?, Int32, Bool)])
  func aContainersOwnPolicyGoesBeforeThePods(_ pod: String, _ own: String?, _ code: Int32, _ runsAgain: Bool) {
    var container = testContainer()
    if let own { container["restartPolicy"] = .string(own) }
    #expect(verdict(container, code, pod: pod) == (runsAgain ? .container : .none))
  }

  @Test func theFirstRuleThatFitsGoesBeforeThePolicy() {
    let container = testContainer(
      "main",
      [
        "restartPolicy": "Never",
        "restartPolicyRules": [rule("Restart", "In", 42), rule("RestartAllContainers", "NotIn", 0, 1)],
      ])
    #expect(verdict(container, 42, pod: "Never") == .container)
    #expect(verdict(container, 7, pod: "Never") == .everything)
    #expect(verdict(container, 1, pod: "Always") == .none)
  }

  @Test func anInitContainerThatSucceededIsDone() {
    #expect(verdict(testContainer(), 0, pod: "Always", initial: true) == .none)
    #expect(verdict(testContainer(), 1, pod: "Always", initial: true) == .container)
    #expect(verdict(testContainer(), 1, pod: "Never", initial: true) == .none)
    #expect(verdict(testContainer("s", ["restartPolicy": "Always"]), 0, pod: "Never", initial: true) == .container)
    let rules: JSONObject = ["restartPolicy": "Never", "restartPolicyRules": [rule("Restart", "In", 0, 3)]]
    #expect(verdict(testContainer("i", rules), 0, pod: "Always", initial: true) == .none)
    #expect(verdict(testContainer("i", rules), 3, pod: "Always", initial: true) == .container)
    #expect(verdict(testContainer("i", rules), 4, pod: "Always", initial: true) == .none)
  }

  @Test func aPodEndsOnceNoneOfItsContainersRunsAgain() async throws {
    let agent = try TestAgent()
    agent.add(testPod(restartPolicy: "Always", containers: [testContainer("main", ["restartPolicy": "Never"])]))
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      agent.runtime.exit("main", code: 1)
      await eventually("it has failed") { agent.pod()?.podPhase == "Failed" }
    }
    #expect(agent.containerStatus("main")?["restartCount"] == 0)
  }

  @Test func aRuleRestartsAContainerOfAPodThatNeverDoes() async throws {
    let agent = try TestAgent()
    let rules: JSONObject = ["restartPolicy": "Never", "restartPolicyRules": [rule("Restart", "In", 42)]]
    agent.add(testPod(restartPolicy: "Never", containers: [testContainer("main", rules)]))
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      agent.runtime.exit("main", code: 42)
      await eventually("it runs again") { agent.containerStatus("main")?["restartCount"] == 1 }
      agent.runtime.exit("main", code: 43)
      await eventually("it has failed") { agent.pod()?.podPhase == "Failed" }
    }
  }

  @Test func oneContainersEndMayBeginAllAnew() async throws {
    let agent = try TestAgent()
    agent.runtime.exitAtOnce("prepare", code: 0)
    let rules: JSONObject = ["restartPolicy": "Never", "restartPolicyRules": [rule("RestartAllContainers", "In", 42)]]
    let hook: JSONObject = ["lifecycle": ["preStop": ["exec": ["command": ["bye"]]]]]
    agent.add(
      testPod(
        restartPolicy: "Never",
        initContainers: [testContainer("prepare"), testContainer("mesh", ["restartPolicy": "Always"])],
        containers: [testContainer("main", rules), testContainer("other", hook)]))
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      #expect(agent.pod()?.condition("AllContainersRestarting")?["status"] == "False")
      agent.runtime.exit("main", code: 42)
      let names = ["prepare", "mesh", "main", "other"]
      for name in names {
        await eventually("\(name) was restarted") { agent.containerStatus(name)?["restartCount"] == 1 }
        #expect(agent.containerStatus(name)?["lastState"]?["terminated"] != nil, "\(name)")
      }
      await eventually("it is ready again") { agent.isReady }
      #expect(agent.containerStatus("main")?["lastState"]?["terminated"]?["exitCode"] == 42)
    }
    let calls = agent.runtime.calls
    #expect(calls.filter { $0.hasPrefix("stop ") }.sorted() == ["stop mesh#0 grace=2", "stop other#0 grace=2"])
    #expect(calls.filter { $0.hasPrefix("remove ") }.last == "remove main#0")
    #expect(
      calls.filter { $0.hasPrefix("start ") }.suffix(4).sorted() == [
        "start main#1", "start mesh#1", "start other#1", "start prepare#1",
      ])
    #expect(calls.filter { $0.hasPrefix("runSandbox") }.count == 1)
    #expect(agent.executor.actions == [])
  }

  @Test func anAgentThatComesLaterBeginsAllAnewAsWell() async throws {
    let agent = try TestAgent()
    let rules: JSONObject = ["restartPolicy": "Never", "restartPolicyRules": [rule("RestartAllContainers", "In", 42)]]
    agent.add(testPod(restartPolicy: "Never", containers: [testContainer("main", rules), testContainer("other")]))
    try await agent.run { await eventually("it runs") { agent.isReady } }
    agent.runtime.exit("main", code: 42)
    let second = try TestAgent(after: agent)
    try await second.run {
      await eventually("both were restarted") {
        ["main", "other"].allSatisfy { second.containerStatus($0)?["restartCount"] == 1 }
      }
    }
  }
}
