import SwitchboardTesting
import Testing

/// kubectl's streams over WebSocket, as it prefers, and over SPDY, as it falls back to and older ones begin with.
@Suite(.serialized) struct ClusterStreamTests {
  enum Transport: String, CaseIterable, CustomTestStringConvertible {
    case webSocket = "true"
    case spdy = "false"

    /// What tells kubectl of it.
    var environment: String {
      "export KUBECTL_REMOTE_COMMAND_WEBSOCKETS=\(rawValue) KUBECTL_PORT_FORWARD_WEBSOCKETS=\(rawValue)"
    }
    var testDescription: String { "\(self)" }
  }

  private static let talker = """
    apiVersion: v1
    kind: Pod
    metadata: {name: talker}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: main
        image: switchboard/busybox:1
        command: [sh, -c, "while read line; do echo said $line; done"]
        stdin: true
        stdinOnce: true
    """

  @Test(arguments: Transport.allCases)
  func execAndAttach(_ transport: Transport) throws {
    let name = "streams-\(transport)".lowercased()
    try SharedLab.withNamespace(name) { lab in
      func shell(_ command: String) throws -> String { try lab.shell("\(transport.environment)\n\(command)") }
      try lab.kubectl("-n", name, "apply", "-f", "-", input: Self.talker)
      try lab.kubectl("-n", name, "wait", "--for=condition=Ready", "pod/talker", "--timeout=30s")
      #expect(
        try shell("kubectl -n \(name) exec talker -- sh -c 'echo out; echo err >&2; exit 7' 2>&1 || echo code $?")
          .contains("code 7"))
      #expect(
        try shell("head -c 3000000 /dev/zero | kubectl -n \(name) exec -i talker -- sh -c 'wc -c'")
          .hasPrefix("3000000"))
      #expect(try shell("kubectl -n \(name) exec talker -- head -c 3000000 /dev/zero | wc -c").hasPrefix("3000000"))
      // The input's end ends the container's only process, and with it the command.
      #expect(
        try shell("printf 'one\\ntwo\\n' | timeout 30 kubectl -n \(name) attach -i talker 2>&1").contains("said two"))
      let run =
        "printf hello | timeout 60 kubectl -n \(name) run once -i --rm --restart=Never --image=switchboard/busybox:1"
        + " --overrides='{\"spec\":{\"terminationGracePeriodSeconds\":0}}' -- cat 2>&1"
      #expect(try shell(run).contains("hello"))
      let refused = try shell("kubectl -n \(name) exec talker -c nobody -- true 2>&1 || true")
      #expect(refused.contains("container nobody is not valid for pod talker"), "\(refused)")
    }
  }

  /// Starts a forwarding on a port of the machine's choice, runs `command` with it in `$port`, and ends it.
  private static func forwarding(_ target: String, _ transport: Transport, _ command: String) -> String {
    """
    \(transport.environment)
    out=$(mktemp)
    timeout 60 kubectl port-forward \(target) >$out 2>&1 &
    for i in $(seq 100); do grep -q Forwarding $out && break; sleep 0.1; done
    port=$(sed -nE 's/^Forwarding from 127.0.0.1:([0-9]+).*/\\1/p' $out | head -n 1)
    \(command)
    cat $out
    kill %1; wait %1; rm $out
    true
    """
  }

  @Test(arguments: Transport.allCases)
  func portForward(_ transport: Transport) throws {
    let name = "ports-\(transport)".lowercased()
    try SharedLab.withNamespace(name) { lab in
      try lab.kubectl(
        "-n", name, "apply", "-f", "-", input: Manifest.all(Manifest.deployment("web"), Manifest.echo("echo")))
      try lab.kubectl("-n", name, "rollout", "status", "deployment/web", "--timeout=30s")
      try lab.kubectl("-n", name, "wait", "--for=condition=Ready", "pod/echo", "--timeout=30s")
      let many = try lab.shell(
        Self.forwarding(
          "-n \(name) deployment/web :8080", transport,
          "seq 60 | xargs -P 6 -I X curl -s -m 10 http://127.0.0.1:$port/ | grep -c web-"))
      #expect(many.hasPrefix("60\n"), "\(many)")
      // Each side may end its half by itself, and much may be under way.
      let bytes = try lab.shell(
        Self.forwarding(
          "-n \(name) service/echo :7", transport,
          "head -c 3000000 /dev/zero | socat -t 10 - TCP4:127.0.0.1:$port | wc -c"))
      #expect(bytes.hasPrefix("3000000\n"), "\(bytes)")
      let closed = try lab.shell(
        Self.forwarding("-n \(name) pod/echo :81", transport, "curl -s -m 10 http://127.0.0.1:$port/; sleep 0.5"))
      #expect(closed.contains("error forwarding port 81 to pod echo_\(name)"), "\(closed)")
    }
  }
}
