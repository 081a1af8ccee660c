import APIClient
import APITesting
import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

/// Pods that the node does not take. It has 4 CPUs, 8 GiB of memory and room for 110 pods.
@Suite(.timeLimit(.minutes(5))) struct AdmissionTests {
  private func requesting(_ name: String, _ requests: JSON, _ change: (inout JSON) -> Void = { _ in }) -> JSON {
    testPod(name, containers: [testContainer("main", ["resources": ["requests": requests]])], change)
  }

  private func judge(
    _ pod: JSON, others: [JSON] = [], node: JSON? = nil, pods: Int = 110
  ) -> PodAdmission.Rejection? {
    var allocatable = ResourceAmounts(["cpu": "4", "memory": "8Gi", "ephemeral-storage": "1Gi", "hugepages-2Mi": "0"])
    allocatable.pods = Int64(pods)
    return PodAdmission(nodeName: "node-1", allocatable: allocatable, others: others, node: node).rejection(of: pod)
  }

  @Test func aPodThatDoesNotFitHasFailed() async throws {
    let agent = try TestAgent()
    agent.add(requesting("one", ["cpu": "3"]))
    try await agent.run {
      await eventually("the first runs") { agent.pod("one")?.isPodReady == true }
      let uid = agent.add(requesting("two", ["cpu": "1500m"])).uid
      await eventually("the second has failed") { agent.pod("two")?.podPhase == "Failed" }
      let status = try #require(agent.pod("two")?.status)
      let message = "Node didn't have enough resource: cpu, requested: 1500, used: 3000, capacity: 4000"
      #expect(status["reason"] == "OutOfcpu")
      #expect(status["message"]?.string == "Pod was rejected: \(message)")
      #expect(status["containerStatuses"] == nil)
      #expect(status["startTime"] != nil && status["qosClass"] == "Burstable")
      #expect(agent.events("OutOfcpu") == [message])
      #expect(!uid.isEmpty)
      // What it did not get is left for others.
      agent.add(requesting("three", ["cpu": "1"]))
      await eventually("the third runs") { agent.pod("three")?.isPodReady == true }
      // A pod that has ended gives back what it had.
      try await agent.api.client.delete(.pods, namespace: "default", name: "one")
      await eventually("the first is gone") { agent.pod("one") == nil }
      agent.add(requesting("four", ["cpu": "3"]))
      await eventually("the fourth runs") { agent.pod("four")?.isPodReady == true }
    }
    #expect(!agent.runtime.calls.contains("runSandbox two#0"))
    let told = try #require(agent.pod("two")?.status)
    let second = try TestAgent(after: agent)
    try await second.run {
      await settle()
      #expect(second.pod("two")?.status == told)
      #expect(second.pod("three")?.isPodReady == true)
      try await second.api.client.delete(
        .pods, namespace: "default", name: "two", options: .init(gracePeriodSeconds: 0))
      await eventually("it is gone") { second.pod("two") == nil }
    }
  }

  @Test func whatRunsWasTakenBefore() async throws {
    let agent = try TestAgent()
    agent.add(requesting("one", ["cpu": "3"]))
    try await agent.run { await eventually("it runs") { agent.pod("one")?.isPodReady == true } }
    // It came while no agent was there, and is told of before the one that runs.
    agent.add(requesting("a", ["cpu": "2"]))
    let second = try TestAgent(after: agent)
    try await second.run { await eventually("it has failed") { second.pod("a")?.podPhase == "Failed" } }
    #expect(second.pod("one")?.isPodReady == true)
  }

  @Test(
    arguments: [
      (["memory": "9Gi"], "OutOfmemory", "memory, requested: 9663676416, used: 0, capacity: 8589934592"),
      (
        ["ephemeral-storage": "2Gi"], "OutOfephemeral-storage",
        "ephemeral-storage, requested: 2147483648, used: 0, capacity: 1073741824"
      ),
      (["hugepages-2Mi": "2Mi"], "OutOfhugepages-2Mi", "hugepages-2Mi, requested: 2097152, used: 0, capacity: 0"),
    ] as [(JSON, String, String)])
  func whatIsShortIsNamed(_ requests: JSON, _ reason: String, _ message: String) {
    #expect(
      judge(requesting("a", requests))
        == PodAdmission.Rejection(reason: reason, message: "Node didn't have enough resource: \(message)"))
  }

  @Test func aNodeIsFull() {
    #expect(judge(testPod(), others: [testPod("a")], pods: 2) == nil)
    #expect(
      judge(testPod(), others: [testPod("a")], pods: 1)
        == PodAdmission.Rejection(
          reason: "OutOfpods", message: "Node didn't have enough resource: pods, requested: 1, used: 1, capacity: 1"))
  }

  @Test func whatTheNodeDoesNotKnowIsNotItsBusiness() {
    #expect(judge(requesting("a", ["example.org/device": "1", "cpu": "4", "memory": "8Gi"])) == nil)
  }

  @Test(
    arguments: [
      ("net.ipv4.tcp_syncookies", false, nil), ("kernel.shm_rmid_forced", false, nil),
      ("net/ipv4/tcp_rmem", false, nil),
      ("kernel.msgmax", false, "forbidden sysctl: \"kernel.msgmax\" not allowlisted"),
      ("net.core.somaxconn", false, "forbidden sysctl: \"net.core.somaxconn\" not allowlisted"),
      (
        "net.ipv4.tcp_syncookies", true,
        "forbidden sysctl: \"net.ipv4.tcp_syncookies\" not allowed with host Net enabled"
      ),
      (
        "kernel.shm_rmid_forced", true,
        "forbidden sysctl: \"kernel.shm_rmid_forced\" not allowed with host IPC enabled"
      ),
    ] as [(String, Bool, String?)])
  func onlySafeParametersAreSet(_ name: String, _ isOnHost: Bool, _ message: String?) {
    let pod = testPod {
      $0[path: "spec", "securityContext"] = ["sysctls": [["name": .string(name), "value": "1"]]]
      $0[path: "spec", "hostNetwork"] = .bool(isOnHost)
      $0[path: "spec", "hostIPC"] = .bool(isOnHost)
    }
    #expect(judge(pod) == message.map { PodAdmission.Rejection(reason: "SysctlForbidden", message: $0) })
  }

  @Test func theNodeMustBeOneThePodAskedFor() {
    let node: JSON = [
      "metadata": ["labels": ["disk": "ssd"]],
      "spec": ["taints": [["key": "k", "effect": "NoExecute"], ["key": "s", "effect": "NoSchedule"]]],
    ]
    let tolerant: JSON = [["key": "k", "operator": "Exists"]]
    func rejection(
      _ selector: JSON, tolerations: JSON = tolerant, to name: String = "node-1"
    ) -> PodAdmission.Rejection? {
      judge(
        testPod {
          $0[path: "spec", "nodeSelector"] = selector
          $0[path: "spec", "nodeName"] = .string(name)
          $0[path: "spec", "tolerations"] = tolerations
        }, node: node)
    }
    #expect(rejection(["disk": "ssd"]) == nil)
    #expect(
      rejection(["disk": "hdd"])
        == PodAdmission.Rejection(
          reason: "NodeAffinity",
          message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"))
    #expect(rejection([:], to: "node-2")?.reason == "NodeName")
    #expect(
      rejection([:], tolerations: [])
        == PodAdmission.Rejection(
          reason: "TaintToleration",
          message: "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate"))
  }

  @Test func aPortOfTheNodeIsTakenOnce() {
    func pod(_ port: JSON) -> JSON {
      testPod(containers: [testContainer("main", ["ports": [port]])]) { $0[path: "spec", "hostNetwork"] = true }
    }
    let taken = pod(["containerPort": 80, "hostPort": 80])
    #expect(judge(pod(["containerPort": 81, "hostPort": 81]), others: [taken]) == nil)
    #expect(judge(pod(["containerPort": 80, "hostPort": 80, "protocol": "UDP"]), others: [taken]) == nil)
    #expect(
      judge(taken, others: [taken])
        == PodAdmission.Rejection(
          reason: "NodePorts",
          message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"))
  }

  @Test func whatTheNodeCannotDoIsRefused() {
    #expect(judge(testPod { $0[path: "spec", "os"] = ["name": "windows"] })?.reason == "PodOSNotSupported")
    #expect(judge(testPod { $0[path: "spec", "os"] = ["name": "linux"] }) == nil)
    let strict = testPod { $0[path: "spec", "securityContext"] = ["supplementalGroupsPolicy": "Strict"] }
    #expect(judge(strict)?.message == "SupplementalGroupsPolicy=Strict is not supported in this node")
  }

  @Test func theNodeIsReadOnlyWhereItMatters() {
    #expect(!PodAdmission.needsNode(testPod()))
    #expect(PodAdmission.needsNode(testPod { $0[path: "spec", "nodeSelector"] = ["a": "b"] }))
    // Bound by hand, past the scheduler.
    #expect(PodAdmission.needsNode(testPod { $0[path: "status", "conditions"] = [] }))
  }
}
