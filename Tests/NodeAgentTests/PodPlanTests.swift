import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

@Suite struct PodPlanTests {
  private let now = Timestamp(seconds: 1000)

  private func pod(_ policy: String, inits: [JSON] = []) -> JSON {
    ["spec": ["restartPolicy": .string(policy), "initContainers": .array(inits), "containers": [["name": "main"]]]]
  }

  private func runtime(_ containers: [(String, PodRuntime.State, Int32)]) -> PodRuntime {
    var runtime = PodRuntime()
    runtime.sandboxes = [.init(id: "s", attempt: 0, isReady: true, createdAt: 1, addresses: ["10.0.0.1"])]
    for (name, state, code) in containers {
      runtime.containers[name] = [
        .init(
          id: name, sandboxID: "s", name: name, attempt: 0, state: state, finishedAt: 999_000_000_000, exitCode: code)
      ]
    }
    return runtime
  }

  private func plan(_ pod: JSON, _ runtime: PodRuntime, _ backoff: CrashBackoff = CrashBackoff()) -> PodPlan {
    PodPlan.make(pod: pod, runtime: runtime, backoff: backoff, now: now) { _ in true }
  }

  @Test func aNewPodGetsASandboxFirst() {
    #expect(plan(pod("Always"), PodRuntime()).newSandbox == 0)
  }

  @Test func initContainersRunOneAfterAnother() {
    let pod = pod("Always", inits: [["name": "first"], ["name": "second"]])
    #expect(plan(pod, runtime([])).starts.map(\.name) == ["first"])
    #expect(plan(pod, runtime([("first", .running, 0)])).starts.isEmpty)
    #expect(plan(pod, runtime([("first", .exited, 0)])).starts.map(\.name) == ["second"])
    #expect(plan(pod, runtime([("first", .exited, 0), ("second", .exited, 0)])).starts.map(\.name) == ["main"])
  }

  @Test func aRunningContainerIsLeftAlone() {
    let found = plan(pod("Always"), runtime([("main", .running, 0)]))
    #expect(found == PodPlan())
  }

  @Test func theRestartPolicyDecides() {
    #expect(plan(pod("Always"), runtime([("main", .exited, 0)])).starts.map(\.attempt) == [1])
    #expect(plan(pod("OnFailure"), runtime([("main", .exited, 1)])).starts.count == 1)
    #expect(plan(pod("OnFailure"), runtime([("main", .exited, 0)])).outcome == .finished)
    #expect(plan(pod("Never"), runtime([("main", .exited, 1)])).outcome == .finished)
  }

  @Test func theSecondCrashWaits() {
    var backoff = CrashBackoff()
    let crashed = runtime([("main", .exited, 1)])
    #expect(plan(pod("Always"), crashed, backoff).waits.isEmpty)
    backoff.noteTry("main", failedAt: Timestamp(seconds: 998), now: Timestamp(seconds: 998))
    let wait = plan(pod("Always"), crashed, backoff).waits.first
    #expect(wait?.until == Timestamp(seconds: 1009))
    backoff.noteTry("main", failedAt: Timestamp(seconds: 999), now: Timestamp(seconds: 999))
    #expect(plan(pod("Always"), crashed, backoff).waits.first?.delay == .seconds(20))
  }
}
