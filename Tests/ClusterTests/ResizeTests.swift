import JSONTree
import SwitchboardTesting
import Testing

@Suite(.serialized) struct ClusterResizeTests {
  private static let pod = """
    apiVersion: v1
    kind: Pod
    metadata: {name: web}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: stays
        image: switchboard/busybox:1
        command: [sleep, "86400"]
        resources: {requests: {cpu: 100m, memory: 32Mi}, limits: {cpu: 200m, memory: 64Mi}}
      - name: restarts
        image: switchboard/busybox:1
        command: [sleep, "86400"]
        resources: {requests: {cpu: 50m, memory: 32Mi}, limits: {cpu: 100m, memory: 64Mi}}
        resizePolicy:
        - {resourceName: cpu, restartPolicy: NotRequired}
        - {resourceName: memory, restartPolicy: RestartContainer}
    """

  /// The limits as a container's processes see them, of either version of control groups.
  private static let memory =
    "cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max"
  private static let quota =
    "cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cut -d' ' -f1 /sys/fs/cgroup/cpu.max"

  private struct Lab {
    let session: LabSession

    func kubectl(_ arguments: String...) throws -> String { try session.kubectl(in: "resizes", arguments) }

    func resize(_ container: String, requests: String, limits: String) throws {
      let change =
        #"{"spec":{"containers":[{"name":"\#(container)","resources":{"requests":{\#(requests)},"limits":{\#(limits)}}}]}}"#
      _ = try session.kubectl(in: "resizes", ["patch", "pod", "web", "--subresource", "resize", "-p", change])
    }

    func inside(_ container: String, _ script: String) throws -> String {
      try kubectl("exec", "web", "-c", container, "--", "sh", "-c", script)
    }

    func status(_ container: String) throws -> JSON {
      let pod = try JSON.parse(try kubectl("get", "pod", "web", "-o", "json"))
      return pod[path: "status", "containerStatuses"]?.items.first { $0["name"] == .string(container) } ?? .null
    }

    func condition(_ type: String) throws -> String {
      try kubectl("get", "pod", "web", "-o", "jsonpath={.status.conditions[?(@.type==\"\(type)\")].reason}")
    }

    /// Waits until a container has these limits and no resize is under way.
    func settles(_ container: String, cpu: String, memory: String) throws {
      let wanted: JSON = ["cpu": .string(cpu), "memory": .string(memory)]
      var seen: JSON?
      for _ in 0..<150 {
        seen = try status(container)[path: "resources", "limits"]
        let isOver = try kubectl(
          "get", "pod", "web", "-o", "jsonpath={.status.conditions[?(@.type==\"PodResizeInProgress\")].status}"
        ).isEmpty
        if seen == wanted, isOver { return }
        _ = try session.shell("sleep 0.1")
      }
      Issue.record("\(container) has \(seen ?? .null)")
    }
  }

  @Test func resourcesChangeWithoutARestartAndWithOne() throws {
    try SharedLab.withNamespace("resizes") { session in
      let lab = Lab(session: session)
      try session.kubectl("-n", "resizes", "apply", "-f", "-", input: Self.pod)
      try session.kubectl("-n", "resizes", "wait", "--for=condition=Ready", "pod/web", "--timeout=60s")
      let first = try lab.status("stays")
      #expect(try lab.inside("stays", Self.memory) == "\(64 << 20)")
      #expect(try lab.inside("stays", Self.quota) == "20000")

      // Up, and down again.
      try lab.resize("stays", requests: #""cpu":"150m","memory":"48Mi""#, limits: #""cpu":"300m","memory":"128Mi""#)
      try lab.settles("stays", cpu: "300m", memory: "128Mi")
      #expect(try lab.inside("stays", Self.memory) == "\(128 << 20)")
      #expect(try lab.inside("stays", Self.quota) == "30000")
      try lab.resize("stays", requests: #""cpu":"80m","memory":"24Mi""#, limits: #""cpu":"150m","memory":"48Mi""#)
      try lab.settles("stays", cpu: "150m", memory: "48Mi")
      #expect(try lab.inside("stays", Self.memory) == "\(48 << 20)")
      #expect(try lab.inside("stays", Self.quota) == "15000")
      let last = try lab.status("stays")
      #expect(last["containerID"] == first["containerID"] && last["restartCount"] == 0)
      #expect(last["allocatedResources"] == ["cpu": "80m", "memory": "24Mi"])
      #expect(
        try lab.kubectl("get", "pod", "web", "-o", "jsonpath={.metadata.generation} {.status.observedGeneration}")
          == "3 3")

      // The other's policy asks for a restart where its memory changes, and only there.
      let before = try lab.status("restarts")
      try lab.resize("restarts", requests: #""cpu":"60m""#, limits: #""cpu":"120m""#)
      try lab.settles("restarts", cpu: "120m", memory: "64Mi")
      #expect(try lab.status("restarts")["containerID"] == before["containerID"])
      try lab.resize("restarts", requests: #""memory":"40Mi""#, limits: #""memory":"96Mi""#)
      try lab.settles("restarts", cpu: "120m", memory: "96Mi")
      let restarted = try lab.status("restarts")
      #expect(restarted["restartCount"] == 1 && restarted["containerID"] != before["containerID"])
      #expect(try lab.inside("restarts", Self.memory) == "\(96 << 20)")
      #expect(try lab.inside("restarts", Self.quota) == "12000")
      #expect(try lab.status("stays")["restartCount"] == 0)
      // The pod's own group holds both.
      let uid = try lab.kubectl("get", "pod", "web", "-o", "jsonpath={.metadata.uid}")
      let limit = try session.shell(
        "find /sys/fs/cgroup -path '*pod\(uid)/memory.limit_in_bytes' -o -path '*pod\(uid)/memory.max' | head -1 | xargs cat"
      )
      #expect(limit == "\((48 + 96) << 20)")

      // What the node will never have is refused, and what runs stays as it is.
      try lab.resize("stays", requests: #""cpu":"1000""#, limits: #""cpu":"1000""#)
      for _ in 0..<50 where try lab.condition("PodResizePending") != "Infeasible" { _ = try session.shell("sleep 0.1") }
      #expect(try lab.condition("PodResizePending") == "Infeasible")
      #expect(try lab.inside("stays", Self.quota) == "15000")
      #expect(try lab.kubectl("describe", "pod", "web").contains("ResizeInfeasible"))
    }
  }

  @Test func kubectlIsToldWhatMayNotChange() throws {
    try SharedLab.withNamespace("refused-resizes") { session in
      try session.kubectl(
        "-n", "refused-resizes", "run", "plain", "--image=switchboard/busybox:1", "--command", "--", "sleep", "60")
      let refused = try session.run([
        "kubectl", "-n", "refused-resizes", "patch", "pod", "plain", "--subresource", "resize", "-p",
        #"{"spec":{"containers":[{"name":"plain","resources":{"requests":{"cpu":"1m"}}}]}}"#,
      ])
      #expect(refused.code == 1)
      #expect(refused.text.contains("Pod QOS Class may not change as a result of resizing"), "\(refused.text)")
    }
  }
}
