import SwitchboardTesting
import Testing

@Suite(.serialized) struct ClusterPodTests {
  @Test func logsAndExec() throws {
    try SharedLab.withNamespace("pods") { lab in
      try lab.kubectl(
        "-n", "pods", "apply", "-f", "-",
        input: """
          apiVersion: v1
          kind: Pod
          metadata: {name: talker}
          spec:
            terminationGracePeriodSeconds: 0
            containers:
            - name: main
              image: switchboard/busybox:1
              command: [sh, -c, "echo one; echo two; exec sleep 3600"]
          """)
      try lab.kubectl("-n", "pods", "wait", "--for=condition=Ready", "pod/talker", "--timeout=30s")
      #expect(try lab.kubectl("-n", "pods", "logs", "talker") == "one\ntwo")
      #expect(try lab.kubectl("-n", "pods", "logs", "talker", "--tail=1") == "two")
      #expect(try lab.kubectl("-n", "pods", "exec", "talker", "--", "hostname") == "talker")
      #expect(try lab.run(["kubectl", "-n", "pods", "exec", "talker", "--", "sh", "-c", "exit 7"]).code == 7)
      #expect(try lab.kubectl("-n", "pods", "exec", "-i", "talker", "--", "cat", input: "through").hasPrefix("through"))
      // What is refused is refused with a reason, not by a connection that ends.
      let refused = try lab.run(["kubectl", "-n", "pods", "exec", "talker", "-c", "nobody", "--", "true"])
      #expect(refused.code == 1)
      #expect(refused.text.contains("container nobody is not valid for pod talker"), "\(refused.text)")
      // A terminal on both sides, as a person has it.
      let terminal = try lab.shell(
        "script -qec 'kubectl -n pods exec -it talker -- sh -c \"tty; exit 3\"' /dev/null || echo code $?")
      #expect(terminal.contains("/dev/pts/0") && terminal.contains("code 3"))
    }
  }

  @Test func aRollingUpdateAndItsRollback() throws {
    try SharedLab.withNamespace("rolling") { lab in
      func generation() throws -> String {
        try lab.kubectl(
          "-n", "rolling", "get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].spec.containers[0].env[0].value}")
      }
      try lab.kubectl("-n", "rolling", "apply", "-f", "-", input: Manifest.deployment("web", replicas: 2))
      try lab.kubectl("-n", "rolling", "set", "env", "deployment/web", "GENERATION=one")
      try lab.kubectl("-n", "rolling", "rollout", "status", "deployment/web", "--timeout=60s")
      try lab.kubectl("-n", "rolling", "set", "env", "deployment/web", "GENERATION=two")
      try lab.kubectl("-n", "rolling", "rollout", "status", "deployment/web", "--timeout=60s")
      try lab.kubectl("-n", "rolling", "rollout", "undo", "deployment/web")
      try lab.kubectl("-n", "rolling", "rollout", "status", "deployment/web", "--timeout=60s")
      try lab.kubectl("-n", "rolling", "wait", "--for=jsonpath={.status.replicas}=2", "deployment/web", "--timeout=30s")
      // The last of the old ones may still be ending.
      for _ in 0..<60 where Set(try generation().split(separator: " ")) != ["one"] {
        _ = try lab.shell("sleep 0.5")
      }
      #expect(Set(try generation().split(separator: " ")) == ["one"])
    }
  }

  @Test func livenessRestartsAndReadinessTakesOut() throws {
    try SharedLab.withNamespace("probes") { lab in
      try lab.kubectl(
        "-n", "probes", "apply", "-f", "-",
        input: """
          apiVersion: v1
          kind: Pod
          metadata: {name: probed}
          spec:
            terminationGracePeriodSeconds: 0
            containers:
            - name: main
              image: switchboard/busybox:1
              command: [sh, -c, "touch /tmp/alive /tmp/ready; exec sleep 3600"]
              livenessProbe: {exec: {command: [test, -e, /tmp/alive]}, periodSeconds: 1, failureThreshold: 1}
              readinessProbe: {exec: {command: [test, -e, /tmp/ready]}, periodSeconds: 1, failureThreshold: 1}
          """)
      try lab.kubectl("-n", "probes", "wait", "--for=condition=Ready", "pod/probed", "--timeout=30s")
      try lab.kubectl("-n", "probes", "exec", "probed", "--", "rm", "/tmp/ready")
      try lab.kubectl("-n", "probes", "wait", "--for=condition=Ready=false", "pod/probed", "--timeout=15s")
      try lab.kubectl("-n", "probes", "exec", "probed", "--", "rm", "/tmp/alive")
      try lab.kubectl(
        "-n", "probes", "wait", "--for=jsonpath={.status.containerStatuses[0].restartCount}=1", "pod/probed",
        "--timeout=30s")
    }
  }

  @Test func anImageThatIsNotThereIsSaidToBe() throws {
    try SharedLab.withNamespace("images") { lab in
      try lab.kubectl("-n", "images", "run", "missing", "--image=switchboard/nothing:1", "--image-pull-policy=Never")
      try lab.kubectl(
        "-n", "images", "wait", "--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=ErrImageNeverPull",
        "pod/missing", "--timeout=20s")
    }
  }

  @Test func aPodThatFitsNowhereSaysWhy() throws {
    try SharedLab.withNamespace("pending") { lab in
      try lab.kubectl(
        "-n", "pending", "run", "huge", "--image=switchboard/busybox:1",
        "--overrides={\"spec\":{\"containers\":[{\"name\":\"huge\",\"image\":\"switchboard/busybox:1\",\"resources\":{\"requests\":{\"cpu\":\"1000\"}}}]}}"
      )
      try lab.kubectl(
        "-n", "pending", "wait",
        "--for=jsonpath={.status.conditions[?(@.type==\"PodScheduled\")].reason}=Unschedulable",
        "pod/huge", "--timeout=15s")
      #expect(try lab.kubectl("-n", "pending", "describe", "pod", "huge").contains("Insufficient cpu"))
    }
  }
}
