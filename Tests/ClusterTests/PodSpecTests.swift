import SwitchboardTesting
import Testing

/// What a pod tells its node, on real containers.
@Suite(.serialized) struct ClusterPodSpecTests {
  private func pod(_ name: String, _ spec: String, container: String) -> String {
    """
    apiVersion: v1
    kind: Pod
    metadata: {name: \(name)}
    spec:
      terminationGracePeriodSeconds: 1
    \(spec.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
      containers:
      - name: main
        image: switchboard/busybox:1
    \(container.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))
    """
  }

  private func inNamespace(
    _ name: String, _ body: (LabSession, @escaping (String...) throws -> String) throws -> Void
  )
    throws
  {
    try SharedLab.withNamespace(name) { lab in
      try body(lab) { (arguments: String...) in try lab.kubectl(in: name, arguments) }
    }
  }

  private func waiting(_ reason: String) -> String {
    "--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=\(reason)"
  }

  @Test func partsOfVolumesAreMounted() throws {
    try inNamespace("subpath") { lab, kubectl in
      try lab.kubectl(
        "-n", "subpath", "apply", "-f", "-",
        input: Manifest.all(
          "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {one: first, two: second}",
          pod(
            "parts",
            """
            volumes:
            - {name: conf, configMap: {name: settings}}
            - {name: work, emptyDir: {}}
            """,
            container: """
              command: [sh, -c, "echo mine > /mine/x; echo deep > /deep/x; exec sleep 3600"]
              env: [{name: WHO, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
              volumeMounts:
              - {name: conf, mountPath: /etc/one, subPath: one}
              - {name: work, mountPath: /deep, subPath: a/b}
              - {name: work, mountPath: /mine, subPathExpr: of/$(WHO)}
              - {name: work, mountPath: /whole}
              """),
          pod(
            "escape",
            """
            volumes: [{name: work, emptyDir: {}}]
            initContainers:
            - name: link
              image: switchboard/busybox:1
              command: [ln, -s, /etc, /volume/out]
              volumeMounts: [{name: work, mountPath: /volume}]
            """,
            container: """
              command: [sleep, "3600"]
              volumeMounts: [{name: work, mountPath: /stolen, subPath: out}]
              """)))
      _ = try kubectl("wait", "--for=condition=Ready", "pod/parts", "--timeout=30s")
      #expect(
        try kubectl("exec", "parts", "--", "sh", "-c", "cat /etc/one /whole/a/b/x /whole/of/parts/x")
          == "firstdeep\nmine")
      // What the API wrote is read-only, and the other key is not there.
      #expect(try kubectl("exec", "parts", "--", "sh", "-c", "echo x > /etc/one || echo refused").contains("refused"))
      _ = try kubectl("wait", waiting("CreateContainerConfigError"), "pod/escape", "--timeout=30s")
      #expect(
        try kubectl("get", "pod", "escape", "-o", "jsonpath={.status.containerStatuses[0].state.waiting.message}")
          == "failed to prepare subPath for volumeMount \"work\" of container \"main\"")
    }
  }

  /// A gRPC server made of a shell: whatever it is asked, it answers with the state that /tmp/serving is in.
  @Test func healthServicesAreAsked() throws {
    let script = #"""
      printf '\0\0\0\4\0\0\0\0\0'; sleep 0.3; state='\2'; [ -e /tmp/serving ] && state='\1'
      printf '\0\0\024\1\4\0\0\0\1\210\017\020\020application/grpc\0\0\7\0\0\0\0\0\1\0\0\0\0\2\010'"$state"
      printf '\0\0\017\1\5\0\0\0\1\0\013grpc-status\0010'; sleep 1
      """#
    try inNamespace("grpc") { lab, kubectl in
      let indented = script.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
      try lab.kubectl(
        "-n", "grpc", "apply", "-f", "-",
        input: Manifest.all(
          "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: server}\ndata:\n  serve.sh: |\n\(indented)",
          pod(
            "health", "volumes: [{name: server, configMap: {name: server}}]",
            container: """
              command: [socat, "TCP-LISTEN:5000,fork,reuseaddr", "EXEC:sh /server/serve.sh"]
              volumeMounts: [{name: server, mountPath: /server}]
              readinessProbe: {grpc: {port: 5000}, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 1}
              """)))
      _ = try kubectl("wait", "--for=jsonpath={.status.phase}=Running", "pod/health", "--timeout=30s")
      var events = ""
      for _ in 0..<40 where !events.contains("NOT_SERVING") {
        events = try lab.shell("sleep 0.5; kubectl -n grpc get events --field-selector reason=Unhealthy -o yaml")
      }
      #expect(
        events.contains(#"Readiness probe failed: service unhealthy (responded with "NOT_SERVING")"#), "\(events)")
      _ = try kubectl("exec", "health", "--", "touch", "/tmp/serving")
      _ = try kubectl("wait", "--for=condition=Ready", "pod/health", "--timeout=30s")
      _ = try kubectl("exec", "health", "--", "rm", "/tmp/serving")
      _ = try kubectl("wait", "--for=condition=Ready=false", "pod/health", "--timeout=30s")
    }
  }

  @Test func endsAreToldAndEnforced() throws {
    try inNamespace("ends") { lab, kubectl in
      try lab.kubectl(
        "-n", "ends", "apply", "-f", "-",
        input: Manifest.all(
          pod("late", "activeDeadlineSeconds: 3", container: "command: [sleep, \"3600\"]"),
          pod(
            "words", "restartPolicy: Never",
            container: #"command: [sh, -c, "echo -n last words > /dev/termination-log; exit 3"]"#),
          pod(
            "log", "restartPolicy: Never",
            container: """
              command: [sh, -c, "echo to the log; exit 4"]
              terminationMessagePolicy: FallbackToLogsOnError
              """),
          pod(
            "signalled", "os: {name: linux}\nterminationGracePeriodSeconds: 20",
            container: """
              command: [sh, -c, "trap 'echo got USR1; exit 0' USR1; touch /tmp/up; while :; do sleep 0.1; done"]
              lifecycle: {stopSignal: SIGUSR1}
              livenessProbe: {exec: {command: [test, -e, /tmp/up]}, periodSeconds: 1, failureThreshold: 1}
              """
          ).replacing("  terminationGracePeriodSeconds: 1\n", with: "")))
      _ = try kubectl("wait", "--for=condition=Ready", "pod/signalled", "--timeout=30s")
      _ = try kubectl("exec", "signalled", "--", "rm", "/tmp/up")
      _ = try kubectl(
        "wait", "--for=jsonpath={.status.containerStatuses[0].restartCount}=1", "pod/signalled", "--timeout=20s")
      #expect(try kubectl("logs", "signalled", "--previous") == "got USR1")

      let terminated = "jsonpath={.status.containerStatuses[0].state.terminated.message}"
      for (name, words) in [("words", "last words"), ("log", "to the log")] {
        _ = try kubectl("wait", "--for=jsonpath={.status.phase}=Failed", "pod/\(name)", "--timeout=30s")
        #expect(try kubectl("get", "pod", name, "-o", terminated) == words)
      }
      _ = try kubectl("wait", "--for=jsonpath={.status.reason}=DeadlineExceeded", "pod/late", "--timeout=30s")
      #expect(
        try kubectl("get", "pod", "late", "-o", "jsonpath={.status.phase}: {.status.message}")
          == "Failed: Pod was active on the node longer than the specified deadline")
    }
  }

  @Test func containersAreAddedToLookAround() throws {
    try inNamespace("debug") { lab, kubectl in
      try lab.kubectl(
        "-n", "debug", "apply", "-f", "-", input: pod("app", "", container: "command: [sleep, \"7777\"]"))
      _ = try kubectl("wait", "--for=condition=Ready", "pod/app", "--timeout=30s")
      _ = try kubectl(
        "debug", "app", "--image=switchboard/busybox:1", "--image-pull-policy=IfNotPresent", "--target=main",
        "-c", "look", "--profile=general", "--", "sh", "-c", "ps; exit 5")
      let state = "{.status.ephemeralContainerStatuses[0].state.terminated.exitCode}"
      _ = try kubectl("wait", "--for=jsonpath=\(state)=5", "pod/app", "--timeout=30s")
      #expect(try kubectl("logs", "app", "-c", "look").contains("sleep 7777"))
      _ = try lab.shell("sleep 2")
      #expect(
        try kubectl("get", "pod", "app", "-o", "jsonpath={.status.ephemeralContainerStatuses[0].restartCount}") == "0")
      #expect(try kubectl("get", "pod", "app", "-o", "jsonpath={.status.containerStatuses[0].ready}") == "true")
    }
  }

  @Test func whatTheNodeDoesNotAllowIsRefused() throws {
    try inNamespace("refused") { lab, kubectl in
      func sysctl(_ name: String, _ value: String) -> String {
        "securityContext: {sysctls: [{name: \(name), value: \"\(value)\"}]}"
      }
      let sleep = "command: [sleep, \"3600\"]"
      try lab.kubectl(
        "-n", "refused", "apply", "-f", "-",
        input: Manifest.all(
          pod("unsafe", sysctl("kernel.msgmax", "65536"), container: sleep),
          pod("safe", sysctl("net.ipv4.ip_local_port_range", "2000 3000"), container: sleep),
          pod("huge", "nodeName: node-1", container: sleep + "\nresources: {requests: {cpu: \"1000\"}}"),
          pod(
            "profile", "securityContext: {seccompProfile: {type: Localhost, localhostProfile: none.json}}",
            container: sleep)))
      _ = try kubectl("wait", "--for=jsonpath={.status.reason}=SysctlForbidden", "pod/unsafe", "--timeout=30s")
      #expect(
        try kubectl("get", "pod", "unsafe", "-o", "jsonpath={.status.phase}: {.status.message}")
          == "Failed: Pod was rejected: forbidden sysctl: \"kernel.msgmax\" not allowlisted")
      _ = try kubectl("wait", "--for=jsonpath={.status.reason}=OutOfcpu", "pod/huge", "--timeout=30s")
      _ = try kubectl("wait", waiting("CreateContainerError"), "pod/profile", "--timeout=30s")
      #expect(
        try kubectl("get", "pod", "profile", "-o", "jsonpath={.status.containerStatuses[0].state.waiting.message}")
          .contains("none.json: no such file or directory"))
      _ = try kubectl("wait", "--for=condition=Ready", "pod/safe", "--timeout=30s")
      #expect(
        try kubectl("exec", "safe", "--", "cat", "/proc/sys/net/ipv4/ip_local_port_range")
          .split(whereSeparator: \.isWhitespace) == ["2000", "3000"])
    }
  }

  /// Twelve megabytes come at once, and some lines more, while somebody follows.
  @Test func logsAreRotatedUnderWhoeverFollows() throws {
    try inNamespace("rotation") { lab, kubectl in
      let script =
        "i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo line $i; if [ $i -gt 24 ]; then sleep 1; else "
        + "head -c 500000 /dev/zero | tr '\\\\0' x | fold -w 999; echo; fi; done"
      try lab.kubectl(
        "-n", "rotation", "apply", "-f", "-",
        input: pod("writer", "restartPolicy: Never", container: "command: [sh, -c, \"\(script)\"]"))
      _ = try kubectl("wait", "--for=condition=Ready", "pod/writer", "--timeout=30s")
      let followed = try lab.shell("kubectl -n rotation logs -f writer | grep line", seconds: 90)
      #expect(followed.split(separator: "\n").map(String.init) == (1...40).map { "line \($0)" })
      // What is read afterwards is the current file: less than there was.
      let kept = try lab.shell("kubectl -n rotation logs writer | grep -c line")
      #expect((1...16).contains(Int(kept) ?? 0))
    }
  }
}
