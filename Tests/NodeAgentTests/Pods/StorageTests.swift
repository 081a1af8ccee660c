import JSONTree
import KubernetesAPI
import LinuxKernel
import Testing

@testable import NodeAgent

@Suite(.timeLimit(.minutes(5))) struct StorageTests {
  private func pod(_ limits: [String?], volume: JSON? = nil) -> JSON {
    let containers = limits.enumerated().map { index, limit in
      testContainer(
        "c\(index)", limit.map { ["resources": ["limits": ["ephemeral-storage": .string($0)]]] } ?? [:])
    }
    return testPod(containers: containers) { pod in
      if let volume { pod[path: "spec", "volumes"] = [["name": "v", "emptyDir": volume]] }
    }
  }

  private func excess(_ pod: JSON, _ containers: [String: Int64] = [:], _ volumes: [String: Int64] = [:]) -> String? {
    StorageUse(containers: containers, volumes: volumes).excess(of: pod)
  }

  @Test func aVolumesOwnLimitCounts() {
    let message = "Usage of EmptyDir volume \"v\" exceeds the limit \"1Mi\". "
    #expect(excess(pod([nil], volume: ["sizeLimit": "1Mi"]), [:], ["v": 1 << 20]) == nil)
    #expect(excess(pod([nil], volume: ["sizeLimit": "1Mi"]), [:], ["v": 1 << 20 + 1]) == message)
    // What lies in memory is bounded by its size.
    #expect(excess(pod([nil], volume: ["sizeLimit": "1Mi", "medium": "Memory"]), [:], ["v": 2 << 20]) == nil)
    #expect(!StorageUse.isBounded(pod([nil], volume: [:])))
  }

  @Test func allThatAPodTakesCountsAgainstTheSumOfItsLimits() {
    let whole = "Pod ephemeral local storage usage exceeds the total limit of containers 2Mi. "
    #expect(excess(pod(["1Mi", "1Mi"], volume: [:]), ["c0": 1 << 20, "c1": 1], ["v": 1 << 20]) == whole)
    #expect(excess(pod(["1Mi", "1Mi"]), ["c0": 1 << 20]) == nil)
    #expect(
      excess(pod(["1Mi", "1Mi"]), ["c0": 1 << 20 + 1])
        == "Container c0 exceeded its local ephemeral storage limit \"1Mi\". ")
    #expect(excess(pod([nil, nil]), ["c0": 9 << 20]) == nil)
  }

  @Test func aPodThatTakesTooMuchIsEvicted() async throws {
    let agent = try TestAgent()
    agent.add(pod(["1Mi"]))
    try await agent.run {
      await eventually("it runs") { agent.isReady }
      agent.runtime.setWritten(1 << 20, by: "c0")
      await agent.measureStorage()
      await settle()
      #expect(agent.isReady)
      agent.runtime.setWritten(2 << 20, by: "c0")
      await agent.measureStorage()
      await eventually("it has failed") { agent.pod()?.podPhase == "Failed" }
    }
    let message = "Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. "
    #expect(agent.pod()?.status["reason"] == "Evicted")
    #expect(agent.pod()?.status["message"]?.string == message)
    #expect(agent.pod()?.condition("DisruptionTarget")?["reason"] == "TerminationByKubelet")
    #expect(agent.events("Evicted") == [message])
    #expect(agent.runtime.calls.contains("stop c0#0 grace=2"))
  }
}
