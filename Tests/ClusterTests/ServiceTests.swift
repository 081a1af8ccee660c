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
}
