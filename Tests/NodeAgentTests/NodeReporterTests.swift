import APIClient
import APITesting
import JSONTree
import KubernetesAPI
import Logging
import NetworkTypes
import Testing

@testable import NodeAgent

@Suite struct NodeReporterTests {
  private let api = FakeAPI()
  private let clock = ManualClock()
  private let runtime = FakeRuntime()

  private func with(_ body: @Sendable () async throws -> Void) async throws {
    var configuration = NodeAgentConfiguration(
      nodeName: "node-1", nodeAddresses: [IPAddress("192.0.2.1"), IPAddress("fd00::1")].compactMap { $0 })
    configuration.labels = ["zone": "a"]
    let origin = clock.now
    let reporter = NodeReporter(
      client: api.client, runtime: runtime, configuration: configuration, machine: .test, clock: clock,
      now: { [clock] in Timestamp(seconds: 1_700_000_000) + origin.duration(to: clock.now) },
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        await reporter.register()
        await reporter.run()
      }
      try await body()
      group.cancelAll()
    }
  }

  private var node: JSON? { api.object(.nodes, ObjectName(name: "node-1")) }
  private var ready: JSON? { node?.condition("Ready") }

  @Test func aNewNodeRegistersWithWhatItHas() async throws {
    try await with { await eventually("it is ready") { ready?["status"] == "True" } }
    let node = try #require(node)
    #expect(node.labels["kubernetes.io/hostname"] == "node-1")
    #expect(node.labels["zone"] == "a")
    #expect(
      node.status["addresses"] == [
        ["type": "InternalIP", "address": "192.0.2.1"], ["type": "InternalIP", "address": "fd00::1"],
        ["type": "Hostname", "address": "node-1"],
      ])
    #expect(node.status["capacity"]?["cpu"] == "4")
    #expect(node.status["capacity"]?["memory"]?.string == "\(8 << 20)Ki")
    #expect(node.status["capacity"]?["pods"] == "110")
    #expect(node.status["nodeInfo"]?["containerRuntimeVersion"] == "fake://1")
    #expect(ready?["reason"] == "KubeletReady")
    #expect(node.condition("MemoryPressure")?["status"] == "False")
  }

  @Test func aNodeThatIsThereKeepsWhatOthersGaveIt() async throws {
    api.put(.nodes, ["metadata": ["name": "node-1", "labels": ["mine": "x"]], "spec": ["podCIDR": "10.244.3.0/24"]])
    try await with { await eventually("it is ready") { ready?["status"] == "True" } }
    #expect(node?.labels["mine"] == "x")
    #expect(node?.labels["kubernetes.io/os"] == "linux")
    #expect(node?.spec["podCIDR"] == "10.244.3.0/24")
  }

  @Test func aRuntimeThatIsAwayMakesTheNodeUnready() async throws {
    try await with {
      await eventually("it is ready") { ready?["status"] == "True" }
      runtime.setReachable(false)
      await eventually("it waits") { clock.sleeperCount == 1 }
      clock.advance(by: .seconds(60))
      await eventually("it is not ready") { ready?["status"] == "False" }
      #expect(ready?["message"]?.string?.contains("does not answer") == true)
      runtime.setReachable(true)
      await eventually("it waits") { clock.sleeperCount == 1 }
      clock.advance(by: .milliseconds(200))
      await eventually("it is ready again") { ready?["status"] == "True" }
    }
  }

  @Test func aNodeToWhichNothingHappensIsWrittenForItsHeartbeatOnly() async throws {
    try await with {
      await eventually("it is ready") { ready?["status"] == "True" }
      let before = try #require(node?.resourceVersion)
      for _ in 0..<4 {
        await eventually("it waits") { clock.sleeperCount == 1 }
        clock.advance(by: .seconds(60))
      }
      await eventually("it waits") { clock.sleeperCount == 1 }
      #expect(node?.resourceVersion == before)
      let since = ready?["lastTransitionTime"]
      clock.advance(by: .seconds(60))
      await eventually("its heart beats") { node?.resourceVersion != before }
      #expect(ready?["lastTransitionTime"] == since)
      #expect(ready?["lastHeartbeatTime"] != since)
    }
  }
}
