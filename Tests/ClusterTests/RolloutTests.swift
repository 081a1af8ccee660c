import SwitchboardTesting
import Testing

/// What clients notice of a Deployment's rollout. In a lab of its own: it is about timing.
@Suite(.serialized) struct ClusterRolloutTests {
  @Test func rolloutsLoseNoRequest() throws {
    let lab = try LabSession(nodes: 3, images: ["busybox"])
    defer { _ = try? lab.end() }
    try lab.apply(
      Manifest.all(
        Manifest.deployment("web", replicas: 3), Manifest.service("web"),
        (1...3).map { Manifest.client("client-\($0)", node: "node-\($0)") }.joined(separator: "\n---\n")))
    try lab.kubectl("rollout", "status", "deployment/web", "--timeout=30s")
    try lab.kubectl("wait", "--for=condition=Ready", "pod/client-1", "pod/client-2", "pod/client-3", "--timeout=30s")
    // By name, a connection for each request, none repeated.
    for number in 1...3 {
      try lab.kubectl(
        "exec", "client-\(number)", "--", "sh", "-c",
        """
        (while [ ! -e /tmp/stop ]; do curl -sS --max-time 5 http://web/ >>/tmp/answers 2>>/tmp/failures; done; \
          touch /tmp/done) </dev/null >/dev/null 2>&1 &
        """)
    }
    for _ in 1...3 {
      try lab.kubectl("rollout", "restart", "deployment/web")
      try lab.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    }
    var pods: Set<Substring> = []
    for number in 1...3 {
      let report = try lab.kubectl(
        "exec", "client-\(number)", "--", "sh", "-c",
        "touch /tmp/stop; until [ -e /tmp/done ]; do usleep 10000; done; cat /tmp/failures")
      #expect(report == "", "client-\(number)")
      let answers = try lab.kubectl("exec", "client-\(number)", "--", "cat", "/tmp/answers").split(separator: "\n")
      #expect(answers.count > 100)
      pods.formUnion(answers)
    }
    // Those of four generations, or at least most of them, have answered.
    #expect(pods.count >= 9)
  }
}
