import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

@Suite struct ContainerStatusTests {
  private func status(
    _ runs: [Observed], policy: String = "Always", waiting: (reason: String, message: String)? = nil,
    previous: JSON = [:], isInit: Bool = false
  ) -> JSON {
    var observation = PodObservation()
    observation.runtime = .of(runs)
    if let waiting { observation.waiting["main"] = waiting }
    if runs.first?.state == .running {
      observation.ready = ["main"]
      observation.started = ["main"]
    }
    let container = testContainer()
    let pod =
      isInit
      ? testPod(restartPolicy: policy, initContainers: [container], containers: [testContainer("later")])
      : testPod(restartPolicy: policy, containers: [container])
    return ContainerStatusBuilder(pod: pod, previous: previous, observation: observation)
      .status(of: container, isInit ? .initial : .regular)
  }

  @Test func aRunningContainer() {
    let found = status([.run("main", attempt: 2), .end("main", 7, attempt: 1)])
    #expect(found["state"] == ["running": ["startedAt": "1970-01-01T00:00:01Z"]])
    #expect(found["lastState"]?["terminated"]?["exitCode"] == 7)
    #expect(found["lastState"]?["terminated"]?["containerID"] == "containerd://main-1")
    #expect(found["ready"] == true)
    #expect(found["started"] == true)
    #expect(found["restartCount"] == 2)
    #expect(found["containerID"] == "containerd://main-2")
    #expect(found["image"] == "app:1")
    #expect(found["imageID"] == "sha256:x")
  }

  @Test func whatAContainerWasGivenIsTold() {
    var container = testContainer()
    container["resources"] = ["requests": ["cpu": "1"], "limits": ["cpu": "2"], "claims": [["name": "c"]]]
    container["volumeMounts"] = [
      ["name": "a", "mountPath": "/a", "subPath": "x"], ["name": "b", "mountPath": "/b", "readOnly": true],
    ]
    var observation = PodObservation()
    func status(_ role: ContainerStatusBuilder.Role = .regular) -> JSON {
      ContainerStatusBuilder(pod: testPod(containers: [container]), previous: [:], observation: observation)
        .status(of: container, role)
    }
    #expect(status()["resources"] == nil && status()["allocatedResources"] == nil)
    observation.runtime = .of([.run("main")])
    #expect(status()["resources"] == ["requests": ["cpu": "1"], "limits": ["cpu": "2"]])
    #expect(status()["allocatedResources"] == ["cpu": "1"])
    #expect(
      status()["volumeMounts"] == [
        ["name": "a", "mountPath": "/a"],
        ["name": "b", "mountPath": "/b", "readOnly": true, "recursiveReadOnly": "Disabled"],
      ])
    container = testContainer()
    #expect(status()["resources"] == [:] && status()["allocatedResources"] == nil)
    #expect(status()["volumeMounts"] == nil)
    #expect(status(.ephemeral)["resources"] == nil)
  }

  @Test func aContainerThatHasNotBegun() {
    let found = status([])
    #expect(found["state"] == ["waiting": ["reason": "ContainerCreating"]])
    #expect(found["lastState"] == [:])
    #expect(found["containerID"] == nil)
    #expect(found["ready"] == false)
    #expect(status([], isInit: true)["state"] == ["waiting": ["reason": "PodInitializing"]])
  }

  @Test func aContainerThatWaitsToRunAgain() {
    let found = status([.end("main", 1)], waiting: ("CrashLoopBackOff", "back-off"))
    #expect(found["state"] == ["waiting": ["reason": "CrashLoopBackOff", "message": "back-off"]])
    #expect(found["lastState"]?["terminated"]?["exitCode"] == 1)
  }

  @Test func whatWillNotRunAgainDoesNotWait() {
    let found = status([.end("main", 128)], policy: "Never", waiting: ("RunContainerError", "no"))
    #expect(found["state"]?["terminated"]?["exitCode"] == 128)
    #expect(found["state"]?["waiting"] == nil)
  }

  @Test(arguments: [("Always", 0, false), ("Always", 1, true), ("Never", 1, false)] as [(String, Int32, Bool)])
  func anInitContainerRunsAgainAfterAFailureOnly(_ policy: String, _ code: Int32, _ waits: Bool) {
    let found = status([.end("main", code)], policy: policy, waiting: ("CrashLoopBackOff", ""), isInit: true)
    #expect((found["state"]?["waiting"] != nil) == waits)
    #expect(found["ready"] == .bool(code == 0))
  }

  @Test func theReasonOfAnEnd() {
    #expect(status([.end("main", 0)])["state"]?["terminated"]?["reason"] == "Completed")
    #expect(status([.end("main", 2)])["state"]?["terminated"]?["reason"] == "Error")
  }

  @Test func whatTheRuntimeForgotEndedAsWasTold() {
    let old: JSON = ["name": "main", "restartCount": 4, "state": ["terminated": ["exitCode": 3]]]
    #expect(status([], previous: ["containerStatuses": [old]]) == old)
    // What runs anew is told anew.
    #expect(status([.run("main")], previous: ["containerStatuses": [old]])["state"]?["running"] != nil)
  }

  @Test func theLastEndIsKeptWhenItsContainerIsRemoved() {
    let old: JSON = ["name": "main", "lastState": ["terminated": ["exitCode": 9]]]
    let found = status([.run("main", attempt: 5)], previous: ["containerStatuses": [old]])
    #expect(found["lastState"] == ["terminated": ["exitCode": 9]])
  }

  @Test func lastWordsAreTold() {
    var observation = PodObservation()
    observation.runtime = .of([.end("main", 1)])
    observation.terminationMessages = ["main-0": "out of luck"]
    let found = ContainerStatusBuilder(pod: testPod(), previous: [:], observation: observation)
      .status(of: testContainer(), .regular)
    #expect(found["state"]?["terminated"]?["message"] == "out of luck")
  }
}
