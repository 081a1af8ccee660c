import SwitchboardTesting
import Testing

/// Policies while the agents that keep them are killed, and followed by others. In a lab of its own.
@Suite(.serialized) struct ClusterPolicyRestartTests {
  /// Answers at port 80 for the Service, echoes at port 7, and writes down what it is sent over UDP.
  private static let web = """
    apiVersion: v1
    kind: Pod
    metadata: {name: web, labels: {app: web}}
    spec:
      nodeName: node-1
      terminationGracePeriodSeconds: 0
      containers:
      - name: name
        image: switchboard/busybox:1
        command: [serve-hostname]
        readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
      - name: echo
        image: switchboard/busybox:1
        command: [socat, "TCP4-LISTEN:7,fork,reuseaddr", "EXEC:cat"]
      - name: sink
        image: switchboard/busybox:1
        command: [socat, -u, "UDP4-RECV:9", "OPEN:/tmp/got,creat,append"]
    """

  private static let policy = """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: clients-only}
    spec: {podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: client}}}]}]}
    """

  private static func asker(_ name: String, app: String, node: Int) -> String {
    Manifest.client(name, node: "node-\(node)").replacing(
      "metadata: {name: \(name)}", with: "metadata: {name: \(name), labels: {app: \(app)}}")
  }

  /// Runs a shell command in a pod, which goes on when this returns.
  private static func begin(_ lab: LabSession, _ pod: String, _ command: String) throws {
    try lab.kubectl("exec", pod, "--", "sh", "-c", "(\(command)) </dev/null >/dev/null 2>&1 &")
  }

  /// Seconds that a call may take. Here datagrams are sent without a pause from all sides: a killed agent may take some
  /// seconds to be followed, and until then questions for names wait in the node's socket.
  private static let patience = 12

  @Test func agentsThatAreReplacedLoseNothingAndLetNothingThrough() throws {
    let lab = try LabSession(nodes: 2, images: ["busybox"])
    defer { _ = try? lab.end() }
    let askers = [("client-1", "client", 1), ("client-2", "client", 2), ("stranger-1", "s", 1), ("stranger-2", "s", 2)]
    try lab.apply(
      Manifest.all(
        Self.web, Manifest.service("web"), Self.policy, Self.asker(askers[0].0, app: "client", node: 1),
        Self.asker(askers[1].0, app: "client", node: 2), Self.asker(askers[2].0, app: "s", node: 1),
        Self.asker(askers[3].0, app: "s", node: 2)))
    for pod in ["web"] + askers.map(\.0) {
      try lab.kubectl("wait", "--for=condition=Ready", "pod/\(pod)", "--timeout=30s")
    }
    let address = try lab.kubectl("get", "pod", "web", "-o", "jsonpath={.status.podIP}")
    for (pod, app, _) in askers where app == "client" {
      // A connection that stands, and new ones, none repeated: by a Service, and a datagram each.
      try Self.begin(
        lab, pod,
        """
        n=0; while [ ! -e /tmp/stop ]; do n=$((n+1)); echo $n; usleep 20000; done | socat -t 5 - TCP4:\(address):7 \
          >/tmp/echoed; touch /tmp/echo-done
        """)
      try Self.begin(
        lab, pod,
        """
        n=0; while [ ! -e /tmp/stop ]; do n=$((n+1)); echo "\(pod) $n" | socat -u - UDP4-SENDTO:\(address):9; done; \
          echo $n >/tmp/sent
        """)
      try Self.begin(
        lab, pod,
        """
        while [ ! -e /tmp/stop ]; do curl -sS --max-time \(Self.patience) http://web/ >>/tmp/answers 2>>/tmp/failures; \
          done; touch /tmp/calls-done
        """)
    }
    for (pod, app, _) in askers where app != "client" {
      try Self.begin(
        lab, pod,
        "while [ ! -e /tmp/stop ]; do echo forbidden \(pod) | socat -u - UDP4-SENDTO:\(address):9; done; touch /tmp/sent"
      )
    }
    for node in 1...2 {
      // Once as it is, and once as if by an agent of another version, whose Service table is not known.
      for isOtherVersion in [false, true] {
        let before = try agent(lab, node)
        if isOtherVersion {
          let mark = try lab.shell(
            "switchboard node exec node-\(node) -- nft list chains ip | grep -o 'skeleton-[0-9a-f]*' | head -n 1")
          #expect(!mark.isEmpty)
          try lab.shell("switchboard node exec node-\(node) -- nft delete chain ip switchboard-services \(mark)")
        }
        try lab.shell("switchboard node exec node-\(node) -- kill -9 \(before)")
        // The next one has everything in force when it is ready.
        try lab.shell(
          """
          for i in $(seq 200); do
            p=$(switchboard node exec node-\(node) -- pgrep -f 'switchboard agent' | head -n 1)
            [ -n "$p" ] && [ "$p" != \(before) ] && break; sleep 0.05
          done; sleep 2
          """)
        #expect(try agent(lab, node) != before)
      }
    }
    for (pod, _, _) in askers {
      try lab.kubectl("exec", pod, "--", "sh", "-c", "touch /tmp/stop; until [ -e /tmp/sent ]; do usleep 10000; done")
    }
    let got = try lab.kubectl("exec", "web", "-c", "sink", "--", "cat", "/tmp/got").split(separator: "\n")
    #expect(!got.contains { $0.hasPrefix("forbidden") })
    for (pod, app, _) in askers where app == "client" {
      let report = try lab.kubectl(
        "exec", pod, "--", "sh", "-c",
        """
        until [ -e /tmp/echo-done ] && [ -e /tmp/calls-done ]; do usleep 10000; done
        cat /tmp/sent; wc -l </tmp/echoed; wc -l </tmp/answers; cat /tmp/failures
        """
      ).split(separator: "\n").map { $0.filter { $0 != " " } }
      let numbers = report.prefix(3).compactMap { Int($0) }
      // Of the calls there are fewer on a busy machine, each with a process of its own; some went while each of the four
      // agents was away.
      #expect(
        numbers.count == 3 && numbers.prefix(2).allSatisfy { $0 > 100 } && numbers[2] > 20, "\(pod): \(report)")
      #expect(report.count == 3, "\(pod): \(report.dropFirst(3))")
      let echoed = try lab.kubectl("exec", pod, "--", "cat", "/tmp/echoed").split(separator: "\n")
      #expect(echoed == (1...max(1, echoed.count)).map { "\($0)" }, "\(pod)")
      let arrived = Set(got.filter { $0.hasPrefix("\(pod) ") })
      let lost = (1...(numbers.first ?? 1)).filter { !arrived.contains("\(pod) \($0)") }
      #expect(lost.isEmpty, "\(pod): \(lost.count) of \(numbers) were lost: \(lost.prefix(10))")
    }
  }

  private func agent(_ lab: LabSession, _ node: Int) throws -> String {
    try lab.shell("switchboard node exec node-\(node) -- pgrep -f 'switchboard agent' | head -n 1")
  }
}
