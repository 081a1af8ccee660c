import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

@Suite struct PodStatusTests {
  private let now = Timestamp(seconds: 1_700_000_000)

  private func status(_ pod: JSON, _ observation: PodObservation, previous: JSON = [:]) -> JSON {
    PodStatusBuilder(pod: pod, previous: previous, observation: observation, now: now).build()
  }

  private func observed(_ containers: [Observed], terminating: Bool = false) -> PodObservation {
    var observation = PodObservation()
    observation.runtime = .of(containers)
    observation.ready = Set(containers.filter { $0.state == .running }.map(\.name))
    observation.started = observation.ready
    observation.hostAddresses = ["192.0.2.1"]
    observation.isTerminating = terminating
    return observation
  }

  private struct Case: Sendable, CustomTestStringConvertible {
    let policy: String
    let containers: [Observed]
    let phase: String
    var terminating = false

    var testDescription: String { "\(policy) \(containers.map(\.text))\(terminating ? " ending" : "") -> \(phase)" }
  }

  private static let phases: [Case] = [
    Case(policy: "Always", containers: [], phase: "Pending"),
    Case(policy: "Always", containers: [.run("a")], phase: "Pending"),
    Case(policy: "Always", containers: [.run("a"), .run("b")], phase: "Running"),
    Case(policy: "Always", containers: [.run("a"), .made("b")], phase: "Pending"),
    Case(policy: "Always", containers: [.end("a", 1), .end("b", 0)], phase: "Running"),
    Case(policy: "OnFailure", containers: [.end("a", 1), .end("b", 0)], phase: "Running"),
    Case(policy: "OnFailure", containers: [.end("a", 0), .end("b", 0)], phase: "Succeeded"),
    Case(policy: "Never", containers: [.end("a", 0), .run("b")], phase: "Running"),
    Case(policy: "Never", containers: [.end("a", 1), .end("b", 0)], phase: "Failed"),
    Case(policy: "Never", containers: [.end("a", 0), .end("b", 0)], phase: "Succeeded"),
    Case(policy: "Always", containers: [.run("a"), .run("b")], phase: "Running", terminating: true),
    Case(policy: "Always", containers: [.end("a", 0), .end("b", 0)], phase: "Succeeded", terminating: true),
    Case(policy: "Always", containers: [.end("a", 0), .end("b", 143)], phase: "Failed", terminating: true),
    Case(policy: "Always", containers: [], phase: "Failed", terminating: true),
  ]

  @Test(arguments: phases) private func phaseFollowsFromTheContainers(_ given: Case) {
    let pod = testPod(restartPolicy: given.policy, containers: [testContainer("a"), testContainer("b")])
    #expect(status(pod, observed(given.containers, terminating: given.terminating)).phase == given.phase)
  }

  @Test func anEndIsFinal() {
    let pod = testPod(containers: [testContainer("a")])
    #expect(status(pod, observed([.run("a")]), previous: ["phase": "Failed"]).phase == "Failed")
  }

  @Test func conditionsOfAPodThatWorks() {
    let found = status(testPod(containers: [testContainer("a")]), observed([.run("a")]))
    for type in ["PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"] {
      #expect(found.conditionNamed(type)?["status"] == "True", "\(type)")
      #expect(found.conditionNamed(type)?["reason"] == nil)
    }
    #expect(found.conditionNamed("PodScheduled")?["status"] == "True")
    #expect(found["podIP"] == "10.244.0.1")
    #expect(found["podIPs"] == [["ip": "10.244.0.1"]])
    #expect(found["hostIP"] == "192.0.2.1")
    #expect(found["qosClass"] == "BestEffort")
    #expect(found["startTime"]?.string == now.description)
  }

  @Test func theGenerationThatWasSeenIsTold() {
    var pod = testPod(containers: [testContainer("a")]) { $0[path: "status", "conditions"] = [] }
    #expect(status(pod, observed([.run("a")]))["observedGeneration"] == nil)
    pod[path: "metadata", "generation"] = 3
    let found = status(pod, observed([.run("a")]))
    #expect(found["observedGeneration"] == 3)
    #expect((found["conditions"]?.items ?? []).count == 5)
    #expect((found["conditions"]?.items ?? []).allSatisfy { $0["observedGeneration"] == 3 })
  }

  @Test func aPodThatCameWithItsNodeIsScheduled() {
    let pod = testPod(containers: [testContainer("a")]) { $0[path: "status", "conditions"] = [] }
    #expect(status(pod, observed([])).conditionNamed("PodScheduled")?["status"] == "True")
  }

  @Test func whatIsMissingIsNamed() {
    let pod = testPod(
      initContainers: [
        testContainer("one"), testContainer("two", ["restartPolicy": "Always"]), testContainer("three"),
      ],
      containers: [testContainer("a")])
    let found = status(pod, observed([.end("one", 0), .run("two"), .run("three")]))
    #expect(found.conditionNamed("Initialized")?["reason"] == "ContainersNotInitialized")
    #expect(
      found.conditionNamed("Initialized")?["message"] == "containers with incomplete status: [three]")
    #expect(found.conditionNamed("Ready")?["reason"] == "ContainersNotReady")
    #expect(found.conditionNamed("Ready")?["message"] == "containers with unready status: [a]")
  }

  @Test func transitionTimesMoveWithTheStatusOnly() {
    let pod = testPod(containers: [testContainer("a")])
    let first = status(pod, observed([.run("a")]))
    let later = now + .seconds(60)
    var unready = observed([.run("a")])
    unready.ready = []
    let builder = PodStatusBuilder(pod: pod, previous: first, observation: unready, now: later)
    let second = builder.build()
    #expect(second.conditionNamed("Ready")?["lastTransitionTime"]?.string == later.description)
    #expect(second.conditionNamed("Initialized")?["lastTransitionTime"]?.string == now.description)
    #expect(second["startTime"]?.string == now.description)
  }

  @Test func readinessWaitsForItsGates() {
    var pod = testPod(containers: [testContainer("a")]) {
      $0[path: "spec", "readinessGates"] = [["conditionType": "example.org/open"]]
    }
    var found = status(pod, observed([.run("a")]))
    #expect(found.conditionNamed("ContainersReady")?["status"] == "True")
    #expect(found.conditionNamed("Ready")?["reason"] == "ReadinessGatesNotReady")
    #expect(
      found.conditionNamed("Ready")?["message"]
        == "corresponding condition of pod readiness gate \"example.org/open\" does not exist.")
    pod[path: "status", "conditions"] = [["type": "example.org/open", "status": "True"]]
    found = status(pod, observed([.run("a")]))
    #expect(found.conditionNamed("Ready")?["status"] == "True")
    // Sent along, it would take a later change back.
    #expect(found.conditionNamed("example.org/open") == nil)
  }

  @Test func aPodOnTheNodesNetworkHasTheNodesAddress() {
    let pod = testPod(containers: [testContainer("a")]) { $0[path: "spec", "hostNetwork"] = true }
    #expect(status(pod, observed([]))["podIP"] == "192.0.2.1")
  }

  @Test func theAddressStaysWhileThereIsNoOther() {
    let found = status(testPod(), PodObservation(), previous: ["podIP": "10.9.9.9", "podIPs": [["ip": "10.9.9.9"]]])
    #expect(found["podIP"] == "10.9.9.9")
  }
}

extension JSON {
  fileprivate var phase: String? { self["phase"]?.string }
  fileprivate func conditionNamed(_ type: String) -> JSON? {
    (self["conditions"]?.items ?? []).first { $0["type"]?.string == type }
  }
}
