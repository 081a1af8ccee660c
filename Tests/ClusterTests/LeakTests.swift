import SwitchboardTesting
import Testing

/// Pods that come and go leave nothing behind. In a lab of its own: whatever else ran would be counted too.
@Suite(.serialized) struct ClusterLeakTests {
  /// What a node has of pods, a line for each thing.
  private static let inventory = """
    ip -o link | sed -E 's/^[0-9]+: ([^@:]*).*/link \\1/'
    ip -o route | sed 's/^/route /'
    ip -o address | awk '{print "address", $2, $4}'
    awk '{print "mount", $2}' /proc/mounts
    find /sys/fs/cgroup -type d | sed 's/^/group /'
    ls -d /run/switchboard/containerd/io.containerd.grpc.v1.cri/{sandboxes,containers}/* /var/lib/switchboard/pods/* \
      /var/log/pods/* /run/netns/* /run/switchboard/containerd/netns/* 2>/dev/null | sed 's/^/file /'
    ctr --address /run/switchboard/containerd/containerd.sock -n k8s.io containers list -q | sed 's/^/container /'
    ctr --address /run/switchboard/containerd/containerd.sock -n k8s.io snapshots list | awk '$3 == "Active" {print "snapshot", $1}'
    ps -eo comm= | grep -E 'shim|pause' | sed 's/^/process /'
    """

  private static func left(_ lab: LabSession) throws -> Set<String> {
    Set(
      try lab.shell("switchboard node exec node-1 -- bash -c '\(inventory.replacing("'", with: "'\\''"))'")
        .split(separator: "\n").map(String.init))
  }

  private static func pods(_ round: Int) -> String {
    (1...10).map { number in
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: "pod-\(round)-\(number)"}
      spec:
        terminationGracePeriodSeconds: 1
        containers:
        - name: main
          image: switchboard/busybox:1
          command: [sleep, "3600"]
          volumeMounts: [{name: scratch, mountPath: /scratch}]
        volumes: [{name: scratch, emptyDir: {medium: Memory}}]
      """
    }.joined(separator: "\n---\n")
  }

  @Test func aHundredPodsComeAndGo() throws {
    let lab = try LabSession(nodes: 1, images: ["busybox"])
    defer { _ = try? lab.end() }
    func round(_ number: Int) throws {
      try lab.apply(Self.pods(number))
      try lab.kubectl("wait", "--for=condition=Ready", "pod", "--all", "--timeout=60s", seconds: 70)
      try lab.kubectl("delete", "pod", "--all", "--timeout=60s", seconds: 70)
    }
    // The first makes what stays: the parents of the pods' control groups.
    try round(0)
    let before = try Self.left(lab)
    #expect(before.contains("link lo") && before.contains { $0.hasPrefix("mount ") })
    let early = before.filter { $0.hasPrefix("link swb") || $0.hasPrefix("container ") || $0.contains("/kubepods/pod") }
    #expect(early == [])
    for number in 1...10 { try round(number) }
    let left = try Self.left(lab).subtracting(before).sorted()
    #expect(left == [])
    #expect(try lab.kubectl("get", "pods", "-o", "name") == "")
  }
}
