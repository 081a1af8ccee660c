import SwitchboardTesting
import Testing

@Suite(.serialized) struct ClusterServiceTests {
  /// A client pod and a Deployment behind a Service, ready.
  private static func withServices(_ namespace: String, replicas: Int, _ body: (LabSession) throws -> Void) throws {
    try SharedLab.withNamespace(namespace) { lab in
      try lab.kubectl(
        "-n", namespace, "apply", "-f", "-",
        input: Manifest.all(
          Manifest.deployment("web", replicas: replicas), Manifest.service("web"), Manifest.client()))
      try lab.kubectl("-n", namespace, "rollout", "status", "deployment/web", "--timeout=30s")
      try lab.kubectl("-n", namespace, "wait", "--for=condition=Ready", "pod/client", "--timeout=30s")
      try body(lab)
    }
  }

  private static func pods(_ lab: LabSession, _ namespace: String) throws -> [String] {
    try lab.kubectl("-n", namespace, "get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].metadata.name}")
      .split(separator: " ").map(String.init)
  }

  @Test func everyEndpointAnswersByAddressAndByName() throws {
    try Self.withServices("balanced", replicas: 3) { lab in
      let expected = Set(try Self.pods(lab, "balanced"))
      let address = try lab.kubectl("-n", "balanced", "get", "service", "web", "-o", "jsonpath={.spec.clusterIP}")
      for host in [address, "web", "web.balanced", "web.balanced.svc.cluster.local"] {
        let answers = try lab.kubectl(
          "-n", "balanced", "exec", "client", "--", "sh", "-c",
          "for i in $(seq 30); do curl -sS --max-time 3 http://\(host)/; done")
        #expect(Set(answers.split(separator: "\n").map(String.init)) == expected)
      }
    }
  }

  @Test func udpIsBalancedToo() throws {
    try Self.withServices("udp", replicas: 2) { lab in
      let answers = try lab.kubectl(
        "-n", "udp", "exec", "client", "--", "sh", "-c",
        "for i in $(seq 20); do echo x | socat -t0.5 -T0.5 - UDP4:web:80; done")
      #expect(Set(answers.split(separator: "\n").map(String.init)) == Set(try Self.pods(lab, "udp")))
    }
  }

  @Test func podsReachEachOtherByAddressUnmasqueraded() throws {
    try SharedLab.withNamespace("flat") { lab in
      try lab.kubectl(
        "-n", "flat", "apply", "-f", "-",
        input: Manifest.all(
          (1...3).map { Manifest.client("on-\($0)", node: "node-\($0)") }.joined(separator: "\n---\n")))
      try lab.kubectl("-n", "flat", "wait", "--for=condition=Ready", "pod", "--all", "--timeout=30s")
      func address(_ pod: String) throws -> String {
        try lab.kubectl("-n", "flat", "get", "pod", pod, "-o", "jsonpath={.status.podIP}")
      }
      for (from, to) in [("on-1", "on-2"), ("on-2", "on-3"), ("on-3", "on-1")] {
        // The server's side says who asked.
        try lab.kubectl(
          "-n", "flat", "exec", to, "--", "sh", "-c",
          "(socat TCP4-LISTEN:9000 SYSTEM:'echo $SOCAT_PEERADDR' >/dev/null 2>&1 &) </dev/null >/dev/null 2>&1")
        let seen = try lab.kubectl(
          "-n", "flat", "exec", from, "--", "sh", "-c",
          "for i in 1 2 3 4 5 6 7 8 9 10; do socat -T2 - TCP4:\(try address(to)):9000 </dev/null && break; usleep 100000; done"
        )
        #expect(try seen == address(from))
      }
    }
  }

  @Test func aServiceWithoutEndpointsRefusesAtOnce() throws {
    try Self.withServices("refused", replicas: 0) { lab in
      let output = try lab.run(
        ["kubectl", "-n", "refused", "exec", "client", "--", "curl", "-sS", "--max-time", "3", "http://web/"])
      #expect(output.code == 7, "curl's code for a refused connection: \(output.text)")
    }
  }

  @Test func aPodReachesItselfThroughItsService() throws {
    try Self.withServices("itself", replicas: 1) { lab in
      let pod = try #require(try Self.pods(lab, "itself").first)
      let answer = try lab.kubectl("-n", "itself", "exec", pod, "--", "curl", "-sS", "--max-time", "3", "http://web/")
      #expect(answer == pod)
    }
  }

  @Test func headlessServicesGiveThePodsAddresses() throws {
    try Self.withServices("headless", replicas: 2) { lab in
      try lab.kubectl(
        "-n", "headless", "apply", "-f", "-", input: Manifest.service("direct", app: "web", spec: "  clusterIP: None"))
      let addresses = try lab.kubectl(
        "-n", "headless", "get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].status.podIP}")
      let answer = try lab.kubectl(
        "-n", "headless", "exec", "client", "--", "sh", "-c",
        "for i in $(seq 50); do nslookup direct.headless.svc.cluster.local && break; usleep 100000; done")
      for address in addresses.split(separator: " ") { #expect(answer.contains(address)) }
    }
  }

  @Test func nodesAndHostNetworkPodsReachServices() throws {
    try Self.withServices("hosts", replicas: 2) { lab in
      let address = try lab.kubectl("-n", "hosts", "get", "service", "web", "-o", "jsonpath={.spec.clusterIP}")
      let expected = Set(try Self.pods(lab, "hosts"))
      for node in 1...3 {
        let answer = try lab.shell("switchboard node exec node-\(node) -- curl -sS --max-time 3 http://\(address)/")
        #expect(expected.contains(answer))
      }
      try lab.kubectl("-n", "hosts", "apply", "-f", "-", input: Manifest.client("on-host", hostNetwork: true))
      try lab.kubectl("-n", "hosts", "wait", "--for=condition=Ready", "pod/on-host", "--timeout=30s")
      let answer = try lab.kubectl(
        "-n", "hosts", "exec", "on-host", "--", "curl", "-sS", "--max-time", "3", "http://\(address)/")
      #expect(expected.contains(answer))
    }
  }

  @Test func theAPIIsAServiceToo() throws {
    try SharedLab.withNamespace("inside") { lab in
      try lab.kubectl("-n", "inside", "apply", "-f", "-", input: Manifest.client())
      try lab.kubectl("-n", "inside", "wait", "--for=condition=Ready", "pod/client", "--timeout=30s")
      let folder = "/var/run/secrets/kubernetes.io/serviceaccount"
      func ask() throws -> String {
        try lab.kubectl(
          "-n", "inside", "exec", "client", "--", "sh", "-c",
          """
          curl -sS --max-time 3 --cacert \(folder)/ca.crt -H "Authorization: Bearer $(cat \(folder)/token)" \
            https://kubernetes.default.svc/api/v1/namespaces/inside/pods/client
          """)
      }
      // The account may do nothing until it is given a role.
      #expect(try ask().contains("cannot get resource"))
      try lab.kubectl(
        "-n", "inside", "create", "rolebinding", "reader", "--clusterrole=view", "--serviceaccount=inside:default")
      let answer = try ask()
      #expect(answer.contains("\"kind\":\"Pod\"") || answer.contains("\"kind\": \"Pod\""), "\(answer)")
    }
  }

  private static func nodeAddress(_ lab: LabSession, _ node: Int) throws -> String {
    try lab.kubectl(
      "get", "node", "node-\(node)", "-o", "jsonpath={.status.addresses[?(@.type=='InternalIP')].address}"
    ).split(separator: " ").first.map(String.init) ?? ""
  }

  /// curl's answer, or its exit code, from a node of the lab.
  private static func ask(_ lab: LabSession, from node: Int, _ url: String) throws -> String {
    try lab.shell(
      "switchboard node exec node-\(node) -- curl -gsS --max-time 2 \(url) 2>/dev/null || echo failed with $?")
  }

  @Test func nodePortsKeepToTheirNodeIfToldSo() throws {
    try Self.withServices("ports", replicas: 1) { lab in
      let pod = try #require(try Self.pods(lab, "ports").first)
      let home = try lab.kubectl("-n", "ports", "get", "pod", pod, "-o", "jsonpath={.spec.nodeName}")
      try lab.kubectl(
        "-n", "ports", "apply", "-f", "-",
        input: Manifest.service("anywhere", app: "web", spec: "  type: NodePort")
          + "\n---\n"
          + Manifest.service("here", app: "web", spec: "  type: NodePort\n  externalTrafficPolicy: Local"))
      func port(_ service: String) throws -> String {
        try lab.kubectl("-n", "ports", "get", "service", service, "-o", "jsonpath={.spec.ports[0].nodePort}")
      }
      let (anywhere, here) = (try port("anywhere"), try port("here"))
      for target in 1...3 {
        let address = try Self.nodeAddress(lab, target)
        for source in 1...3 where source != target {
          #expect(try Self.ask(lab, from: source, "http://\(address):\(anywhere)/") == pod)
          let answer = try Self.ask(lab, from: source, "http://\(address):\(here)/")
          #expect(answer == (home == "node-\(target)" ? pod : "failed with 28"))
        }
        // A node asks itself: that is traffic in the cluster.
        #expect(try Self.ask(lab, from: target, "http://\(address):\(here)/") == pod)
      }
    }
  }

  @Test func hostPortsAreReachedAtTheirNode() throws {
    try SharedLab.withNamespace("hostports") { lab in
      try lab.kubectl(
        "-n", "hostports", "apply", "-f", "-",
        input: """
          apiVersion: v1
          kind: Pod
          metadata: {name: web}
          spec:
            terminationGracePeriodSeconds: 0
            nodeName: node-2
            containers:
            - name: main
              image: switchboard/busybox:1
              command: [serve-hostname]
              ports: [{containerPort: 8080, hostPort: 8008}]
          """)
      try lab.kubectl("-n", "hostports", "wait", "--for=condition=Ready", "pod/web", "--timeout=30s")
      let address = try Self.nodeAddress(lab, 2)
      for (source, host) in [(1, address), (2, address), (2, "127.0.0.1")] {
        #expect(try Self.ask(lab, from: source, "http://\(host):8008/") == "web")
      }
      #expect(
        try lab.kubectl(
          "-n", "hostports", "exec", "web", "--", "curl", "-sS", "--max-time", "2", "http://\(address):8008/")
          == "web")
      #expect(try Self.ask(lab, from: 1, "http://\(try Self.nodeAddress(lab, 1)):8008/") == "failed with 7")
      try lab.kubectl("-n", "hostports", "delete", "pod", "web", "--wait=true")
      #expect(try Self.ask(lab, from: 1, "http://\(address):8008/") == "failed with 7")
    }
  }

  @Test func agentsTellHowTheyKeepUp() throws {
    let lab = try SharedLab.session()
    let text = try lab.kubectl("get", "--raw", "/api/v1/nodes/node-1/proxy/metrics")
    #expect(text.contains("kubeproxy_sync_proxy_rules_duration_seconds_count{ip_family=\"IPv4\"}"))
    #expect(try Self.ask(lab, from: 1, "http://127.0.0.1:10256/healthz").contains("\"nodeEligible\": true"))
  }
}
