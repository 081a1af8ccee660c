import Glibc
import SwitchboardTesting
import Testing

/// What clients notice of a Deployment's rollout. In a lab of its own: it is about timing.
@Suite(.serialized) struct ClusterRolloutTests {
  @Test func rolloutsLoseNoRequest() throws {
    let lab = try LabSession(nodes: 3, images: ["busybox"])
    defer { _ = try? lab.end() }
    try lab.apply(Manifest.all(Manifest.deployment("web", replicas: 3), Manifest.service("web")))
    try lab.kubectl("rollout", "status", "deployment/web", "--timeout=30s")
    let load = try NamedLoad(lab, nodes: 3, to: "web")
    for _ in 1...3 {
      try lab.kubectl("rollout", "restart", "deployment/web")
      try lab.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    }
    let result = try load.stop()
    #expect(result.failures == "")
    #expect(result.answers.count > 300)
    // Most of the four generations' pods have answered.
    #expect(Set(result.answers).count >= 9)
  }

  @Test func killsAtRandomLoseNoRequest() throws {
    let lab = try LabSession(nodes: 3, images: ["busybox"])
    defer { _ = try? lab.end() }
    try lab.apply(Manifest.all(Manifest.deployment("web", replicas: 3), Manifest.service("web")))
    try lab.kubectl("rollout", "status", "deployment/web", "--timeout=30s")
    let load = try NamedLoad(lab, nodes: 3, to: "web")
    let end = ContinuousClock.now + .seconds(60)
    var kills = 0
    while ContinuousClock.now < end {
      let program = ["agent", "agent", "server"].randomElement() ?? "agent"
      let node = program == "server" ? 1 : Int.random(in: 1...3)
      // One that is just being started is not there to be killed.
      let output = try lab.run([
        "switchboard", "node", "exec", "node-\(node)", "--", "pkill", "-9", "-f", "switchboard \(program)",
      ])
      if output.code == 0 { kills += 1 }
      usleep(UInt32.random(in: 500_000...3_000_000))
    }
    #expect(kills > 10)
    // The last of them may be on its way back yet.
    try lab.shell(
      "for pod in client-1 client-2 client-3; do until kubectl exec $pod -- true >/dev/null 2>&1; do sleep 0.1; done; done"
    )
    let result = try load.stop()
    #expect(result.failures == "")
    #expect(result.answers.count > 300)
    #expect(Set(result.answers).count == 3, "no container was started anew")
  }
}
