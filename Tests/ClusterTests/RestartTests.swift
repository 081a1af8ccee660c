import SwitchboardTesting
import Testing

/// What goes on when processes of ours are killed. In a lab of its own.
@Suite(.serialized) struct ClusterRestartTests {
  @Test func aKilledAgentCostsNoConnectionAndNoContainer() throws {
    let lab = try LabSession(nodes: 2, images: ["busybox"])
    defer { _ = try? lab.end() }
    try lab.apply(
      Manifest.all(
        Manifest.deployment("web", replicas: 2), Manifest.service("web"), Manifest.client(), Manifest.echo("echo")))
    try lab.kubectl("rollout", "status", "deployment/web", "--timeout=30s")
    try lab.kubectl("wait", "--for=condition=Ready", "pod/echo", "--timeout=30s")
    try lab.kubectl("wait", "--for=condition=Ready", "pod/client", "--timeout=30s")
    func started() throws -> String {
      try lab.kubectl("get", "pods", "-o", "jsonpath={.items[*].status.containerStatuses[0].containerID}")
    }
    func slices() throws -> String {
      try lab.kubectl("get", "endpointslices", "-o", "jsonpath={.items[*].metadata.resourceVersion}")
    }
    // One connection that lives through it all: a hundred lines there and back.
    try lab.kubectl(
      "exec", "client", "--", "sh", "-c",
      """
      (for i in $(seq 100); do echo $i; usleep 50000; done | socat -t 5 - TCP4:echo:7 >/tmp/echoed 2>&1; touch /tmp/done) \
        </dev/null >/dev/null 2>&1 &
      """)
    let (containers, versions) = (try started(), try slices())
    for node in 1...2 {
      let before = try Self.agent(lab, node)
      try lab.shell("switchboard node exec node-\(node) -- kill -9 \(before)")
      // By name, at once: the queries wait for the next agent.
      let answers = try lab.kubectl(
        "exec", "client", "--", "sh", "-c",
        "for i in $(seq 20); do curl -sS --max-time 3 http://web/ || echo FAILED; done")
      #expect(!answers.contains("FAILED"))
      #expect(try Self.agent(lab, node) != before)
    }
    let echoed = try lab.kubectl(
      "exec", "client", "--", "sh", "-c", "until [ -e /tmp/done ]; do usleep 100000; done; cat /tmp/echoed")
    #expect(echoed.split(separator: "\n").map(String.init) == (1...100).map(String.init))
    #expect(
      try lab.kubectl("get", "pods", "--no-headers").split(separator: "\n").allSatisfy { $0.contains(" Running ") })
    #expect(try started() == containers)
    #expect(try slices() == versions)
  }

  /// The process id of a node's agent, as the node sees it.
  private static func agent(_ lab: LabSession, _ node: Int) throws -> String {
    try lab.shell(
      "switchboard node exec node-\(node) -- pgrep -f 'switchboard agent' | head -n 1")
  }

  @Test func aKilledServerLosesNothing() throws {
    let lab = try LabSession(nodes: 1)
    defer { _ = try? lab.end() }
    // Writes go on while the server is killed; what was acknowledged has to be there afterwards.
    let counts = try lab.shell(
      """
      (for i in 1 2 3; do sleep 0.4; switchboard node exec node-1 -- pkill -9 -f 'switchboard server'; done) &
      for i in $(seq 60); do kubectl create configmap "c$i" >/dev/null 2>&1 && echo "configmap/c$i"; done | sort >/tmp/written.$$
      wait
      until kubectl get --raw /readyz >/dev/null 2>&1; do sleep 0.1; done
      kubectl get configmaps -o name | sort >/tmp/there.$$
      comm -23 /tmp/written.$$ /tmp/there.$$ | wc -l; wc -l </tmp/written.$$; rm -f /tmp/written.$$ /tmp/there.$$
      """)
    let numbers = counts.split(separator: "\n").compactMap { Int($0) }
    #expect(numbers.first == 0, "acknowledged writes that are gone")
    #expect(numbers.last ?? 0 > 0)
  }
}
