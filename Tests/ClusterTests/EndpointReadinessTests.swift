import JSONTree
import KubernetesAPI
import SwitchboardTesting
import Testing

/// Which state of a pod makes it an endpoint, for the slices and for packets.
@Suite(.serialized) struct ClusterEndpointReadinessTests {
  /// A pod that tells its name and does not heed the signal to end; it is ready while it has the file `/tmp/ready`.
  private static func lasting(_ name: String, app: String, node: String, spec: String = "", isReady: Bool) -> String {
    """
    apiVersion: v1
    kind: Pod
    metadata: {name: \(name), labels: {app: \(app)}}
    spec:
      terminationGracePeriodSeconds: 300
      nodeName: \(node)
      containers:
      - name: main
        image: switchboard/busybox:1
        command:
        - sh
        - -c
        - |
          \(isReady ? "touch /tmp/ready" : ":")
          trap '' TERM
          socat UDP4-RECVFROM:8080,fork SYSTEM:'read line; echo \(name) $SOCAT_PEERADDR' &
          socat TCP4-LISTEN:8080,fork,reuseaddr SYSTEM:'echo \(name) $SOCAT_PEERADDR' &
          wait
        readinessProbe: {exec: {command: [test, -e, /tmp/ready]}, periodSeconds: 1, failureThreshold: 1}
    \(spec)
    """
  }

  /// The conditions of a Service's endpoints, by pod, once they are as expected.
  private static func conditions(
    _ scene: ServiceScene, _ service: String, expected: [String: JSON]
  ) throws -> [String: JSON] {
    func read(_ slices: [JSON]) -> [String: JSON] {
      Dictionary(
        slices.flatMap { $0["endpoints"]?.items ?? [] }.map {
          ($0["targetRef"]?["name"]?.string ?? "", $0["conditions"] ?? .null)
        }, uniquingKeysWith: { first, _ in first })
    }
    return read(try scene.slices(of: service) { read($0) == expected })
  }

  private static func state(ready: Bool, serving: Bool, terminating: Bool) -> JSON {
    ["ready": .bool(ready), "serving": .bool(serving), "terminating": .bool(terminating)]
  }

  @Test func podsThatEndTakeTrafficWhileNoOtherIsReady() throws {
    let scene = try ServiceScene.standing()
    try scene.with(
      Self.lasting("ending", app: "last", node: "node-2", isReady: true), Manifest.service("last", app: "last"),
      Manifest.service("last-here", app: "last", spec: "  internalTrafficPolicy: Local")
    ) {
      try scene.ready("ending")
      let target = "\(try scene.clusterAddress("last")):80"
      try scene.expect(["ending"], at: target, from: .client(1))
      try scene.kubectl("delete", "pod", "ending", "--wait=false")
      var expected = ["ending": Self.state(ready: false, serving: true, terminating: true)]
      #expect(try Self.conditions(scene, "last", expected: expected) == expected)
      for asker in [ServiceScene.Asker.client(1), .host(3)] { try scene.expect(["ending"], at: target, from: asker) }
      try scene.expect(["ending"], at: target, from: .client(1), over: .udp)

      try scene.with(Manifest.teller("coming", labels: "app: last", node: "node-1")) {
        try scene.ready("coming")
        try scene.expect(["coming"], at: target, from: .client(1))
        try scene.expect(["coming"], at: target, from: .client(2))
        // Each node decides for itself where traffic is to stay on it.
        try scene.expect(["coming"], at: "last-here:80", from: .client(1))
        try scene.expect(["ending"], at: "last-here:80", from: .client(2))
      }
      try scene.expect(["ending"], at: target, from: .client(1))

      // It is asked whether it is ready until its end.
      try scene.run(.pod("ending"), "rm /tmp/ready")
      expected = ["ending": Self.state(ready: false, serving: false, terminating: true)]
      #expect(try Self.conditions(scene, "last", expected: expected) == expected)
      try scene.expect(["refused"], at: target, from: .client(1))
    }
  }

  @Test func podsThatAreNotReadyArePublishedWhereTheServiceSaysSo() throws {
    let scene = try ServiceScene.standing()
    try scene.with(
      Self.lasting("early", app: "early", node: "node-3", isReady: false),
      Manifest.service("patient", app: "early"),
      Manifest.service("eager", app: "early", spec: "  publishNotReadyAddresses: true"),
      Manifest.service("eager-list", app: "early", spec: "  publishNotReadyAddresses: true\n  clusterIP: None")
    ) {
      try scene.kubectl("wait", "pod/early", "--for=jsonpath={.status.phase}=Running", "--timeout=30s")
      let unready = ["early": Self.state(ready: false, serving: false, terminating: false)]
      #expect(try Self.conditions(scene, "patient", expected: unready) == unready)
      try scene.expect(["refused"], at: "patient:80", from: .client(1))
      var published = ["early": Self.state(ready: true, serving: false, terminating: false)]
      #expect(try Self.conditions(scene, "eager", expected: published) == published)
      try scene.expect(["early"], at: "eager:80", from: .client(1))
      try scene.expect(["early"], at: "eager-list:8080", from: .client(1))
      // To its end, and beyond the signal.
      try scene.kubectl("delete", "pod", "early", "--wait=false")
      published = ["early": Self.state(ready: true, serving: false, terminating: true)]
      #expect(try Self.conditions(scene, "eager", expected: published) == published)
      try scene.expect(["early"], at: "eager:80", from: .client(1))
    }
  }

  @Test func aGateHasToBeOpenToo() throws {
    let scene = try ServiceScene.standing()
    func open(_ status: String) throws {
      try scene.kubectl(
        "patch", "pod/gated", "--subresource=status", "--type=strategic", "-p",
        "{\"status\": {\"conditions\": [{\"type\": \"example.com/open\", \"status\": \"\(status)\"}]}}")
    }
    let gates = "  readinessGates: [{conditionType: example.com/open}]"
    try scene.with(
      Self.lasting("gated", app: "gated", node: "node-1", spec: gates, isReady: true), Manifest.service("gated")
    ) {
      try scene.kubectl(
        "wait", "pod/gated", "--for=condition=ContainersReady", "--timeout=30s")
      let shut = ["gated": Self.state(ready: false, serving: false, terminating: false)]
      #expect(try Self.conditions(scene, "gated", expected: shut) == shut)
      try scene.expect(["refused"], at: "gated:80", from: .client(2))
      try open("True")
      try scene.expect(["gated"], at: "gated:80", from: .client(2))
      try open("False")
      try scene.expect(["refused"], at: "gated:80", from: .client(2))
      #expect(try Self.conditions(scene, "gated", expected: shut) == shut)
    }
  }

  @Test func datagramsOfOneClientFollowTheEndpoints() throws {
    let scene = try ServiceScene.standing()
    try scene.with(Manifest.service("moving", selector: "pod: web-1")) {
      let target = "\(try scene.clusterAddress("moving")):80"
      try scene.expect(["web-1"], at: target, from: .client(3), over: .udp)
      // A client that keeps its port, and sends more often than any flow would be forgotten for its silence.
      try scene.run(
        .client(3),
        """
        (while [ ! -e /tmp/stop ]; do
          socat -t 0 -T 0.5 UDP4:\(target),sourceport=5555,reuseaddr SYSTEM:'echo; read line; echo "$line" >&2'
          sleep 0.1
        done 2>/tmp/answers; rm /tmp/stop) </dev/null >/dev/null 2>&1 &
        """)
      defer { _ = try? scene.run(.client(3), "touch /tmp/stop") }
      func last(_ expected: String) throws -> String {
        try scene.run(
          .client(3),
          """
          for i in $(seq 100); do
            last=$(tail -n 1 /tmp/answers | cut -d' ' -f1)
            [ "$last" = \(expected) ] && break
            sleep 0.05
          done
          echo "$last"
          """)
      }
      // The first one lives on, and would go on to answer.
      for pod in ["web-1", "web-2", "web-3"] {
        try scene.patch("service/moving", "{\"spec\": {\"selector\": {\"pod\": \"\(pod)\"}}}")
        #expect(try last(pod) == pod)
      }
      // With none at all, and then with one.
      try scene.patch("service/moving", "{\"spec\": {\"selector\": {\"pod\": \"nobody\"}}}")
      // Asked elsewhere: to one that asks all the time the kernel does not refuse each time.
      try scene.expect(["refused"], at: target, from: .client(2), over: .udp)
      try scene.patch("service/moving", "{\"spec\": {\"selector\": {\"pod\": \"web-1\"}}}")
      #expect(try last("web-1") == "web-1")
    }
  }
}
