import SwitchboardTesting
import Testing

/// How pods change, end and begin anew while somebody looks, on real containers.
@Suite(.serialized) struct ClusterPodLifeTests {
  private func inNamespace(
    _ name: String, _ pod: String, _ body: (LabSession, @escaping (String...) throws -> String) throws -> Void
  ) throws {
    try SharedLab.withNamespace(name) { lab in
      try lab.kubectl("-n", name, "apply", "-f", "-", input: pod)
      try body(lab) { (arguments: String...) in try lab.kubectl(in: name, arguments) }
    }
  }

  @Test func aPodIsToldWhatItAsksFor() throws {
    let pod = """
      apiVersion: v1
      kind: Pod
      metadata: {name: told}
      spec:
        restartPolicy: Never
        hostname: plain
        subdomain: shop
        hostnameOverride: override.example.host
        securityContext:
          runAsUser: 1000
          fsGroup: 2000
          seLinuxOptions: {level: "s0:c0,c1"}
          sysctls: [{name: kernel/shm_rmid_forced, value: "1"}]
        initContainers:
        - name: find
          image: switchboard/busybox:1
          command: [sh, -c, "echo \\"FOUND='a value' # of many\\" > /shared/found.env"]
          volumeMounts: [{name: work, mountPath: /shared}]
        containers:
        - name: main
          image: switchboard/busybox:1
          command: [sh, -c]
          args:
          - |
            hostname
            tail -n 1 /etc/hosts | cut -f 2-
            echo $FOUND$MISSING
            cat /proc/sys/kernel/shm_rmid_forced
            stat -L -c '%a %u %g' /var/run/secrets/kubernetes.io/serviceaccount/token
            df -k /memory | tail -n 1 | awk '{print $2}'
          resources: {limits: {memory: 64Mi}}
          env:
          - name: FOUND
            valueFrom: {fileKeyRef: {volumeName: work, path: found.env, key: FOUND}}
          - name: MISSING
            valueFrom: {fileKeyRef: {volumeName: work, path: found.env, key: MISSING, optional: true}}
          volumeMounts: [{name: memory, mountPath: /memory}]
        volumes:
        - {name: work, emptyDir: {}}
        - {name: memory, emptyDir: {medium: Memory, sizeLimit: 8Mi}}
      """
    try inNamespace("told", pod) { _, kubectl in
      _ = try kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/told", "--timeout=60s")
      #expect(
        try kubectl("logs", "told", "-c", "main").split(separator: "\n").map(String.init) == [
          "override.example.host", "override.example.host", "a value", "1", "640 1000 2000", "8192",
        ])
    }
  }

  @Test func aRuleBeginsAllContainersAnew() throws {
    let pod = """
      apiVersion: v1
      kind: Pod
      metadata: {name: gang}
      spec:
        restartPolicy: Never
        terminationGracePeriodSeconds: 30
        initContainers:
        - name: prepare
          image: switchboard/busybox:1
          command: [sh, -c, "echo run >> /shared/runs"]
          volumeMounts: [{name: work, mountPath: /shared}]
        containers:
        - name: leader
          image: switchboard/busybox:1
          command: [sh, -c, "[ -e /shared/again ] && exec sleep 3600; touch /shared/again; exit 42"]
          restartPolicy: Never
          restartPolicyRules:
          - {action: RestartAllContainers, exitCodes: {operator: In, values: [42]}}
          volumeMounts: [{name: work, mountPath: /shared}]
        - name: other
          image: switchboard/busybox:1
          command: [sleep, "3600"]
          volumeMounts: [{name: work, mountPath: /shared}]
        volumes: [{name: work, emptyDir: {}}]
      """
    try inNamespace("gang", pod) { _, kubectl in
      _ = try kubectl(
        "wait", "--for=jsonpath={.status.containerStatuses[1].restartCount}=1", "pod/gang", "--timeout=60s")
      _ = try kubectl("wait", "--for=condition=Ready", "pod/gang", "--timeout=30s")
      #expect(
        try kubectl(
          "get", "pod", "gang", "-o",
          "jsonpath={.status.initContainerStatuses[*].restartCount} {.status.containerStatuses[*].restartCount} "
            + "{.status.containerStatuses[0].lastState.terminated.exitCode}") == "1 1 1 42")
      #expect(try kubectl("exec", "gang", "-c", "other", "--", "cat", "/shared/runs") == "run\nrun")
    }
  }

  @Test func podsThatTakeTooMuchOfTheDiskAreEvicted() throws {
    let pod = { (name: String, command: String, more: String) in
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: \(name)}
      spec:
        containers:
        - name: main
          image: switchboard/busybox:1
          command: [sh, -c, "\(command); exec sleep 3600"]
          \(more)
      """
    }
    let layer = pod(
      "layer", "dd if=/dev/zero of=/file bs=1M count=10", "resources: {limits: {ephemeral-storage: 5Mi}}")
    let volume = pod(
      "volume", "dd if=/dev/zero of=/shared/file bs=1M count=10", "volumeMounts: [{name: work, mountPath: /shared}]")
    try inNamespace("greedy", Manifest.all(layer, volume + "\n  volumes: [{name: work, emptyDir: {sizeLimit: 5Mi}}]")) {
      _, kubectl in
      for (name, message) in [
        ("layer", "Pod ephemeral local storage usage exceeds the total limit of containers 5Mi. "),
        ("volume", "Usage of EmptyDir volume \"work\" exceeds the limit \"5Mi\". "),
      ] {
        _ = try kubectl("wait", "--for=jsonpath={.status.reason}=Evicted", "pod/\(name)", "--timeout=60s")
        #expect(
          try kubectl("get", "pod", name, "-o", "jsonpath={.status.phase}: {.status.message}|")
            == "Failed: \(message)|")
      }
    }
  }

  /// The same image under another name.
  @Test func aNewImageReplacesTheContainer() throws {
    let pod = """
      apiVersion: v1
      kind: Pod
      metadata: {name: dressed}
      spec:
        terminationGracePeriodSeconds: 1
        containers:
        - {name: main, image: "switchboard/busybox:1", command: [sleep, "3600"]}
      """
    try inNamespace("dressed", pod) { _, kubectl in
      _ = try kubectl("wait", "--for=condition=Ready", "pod/dressed", "--timeout=30s")
      _ = try kubectl("set", "image", "pod/dressed", "main=docker.io/switchboard/busybox:1")
      let count = "--for=jsonpath={.status.containerStatuses[0].restartCount}=1"
      _ = try kubectl("wait", count, "pod/dressed", "--timeout=30s")
      _ = try kubectl("wait", "--for=condition=Ready", "pod/dressed", "--timeout=30s")
      #expect(try kubectl("get", "pod", "dressed", "-o", "jsonpath={.status.observedGeneration}") == "2")
    }
  }

  @Test func aPodThatEndsStopsBeingReady() throws {
    let pod = """
      apiVersion: v1
      kind: Pod
      metadata: {name: leaving}
      spec:
        terminationGracePeriodSeconds: 60
        containers:
        - name: main
          image: switchboard/busybox:1
          command: [sh, -c, "trap 'rm /tmp/ready' TERM; mkdir -p /tmp; touch /tmp/ready; while :; do sleep 1; done"]
          readinessProbe: {exec: {command: [cat, /tmp/ready]}, failureThreshold: 1, periodSeconds: 1}
          livenessProbe: {exec: {command: [cat, /tmp/ready]}, initialDelaySeconds: 2, failureThreshold: 1, periodSeconds: 1}
        - {name: quick, image: "switchboard/busybox:1", command: [sh, -c, "trap exit TERM; while :; do sleep 1; done"]}
      """
    try inNamespace("leaving", pod) { _, kubectl in
      _ = try kubectl("wait", "--for=condition=Ready", "pod/leaving", "--timeout=30s")
      _ = try kubectl("delete", "pod", "leaving", "--wait=false")
      _ = try kubectl(
        "wait", "--for=jsonpath={.status.containerStatuses[1].ready}=false", "pod/leaving", "--timeout=30s")
      _ = try kubectl(
        "wait", "--for=jsonpath={.status.containerStatuses[0].ready}=false", "pod/leaving", "--timeout=30s")
      #expect(
        try kubectl(
          "get", "pod", "leaving", "-o", "jsonpath={.status.phase} {.status.containerStatuses[0].restartCount}")
          == "Running 0")
      _ = try kubectl("delete", "pod", "leaving", "--grace-period=0", "--force")
    }
  }
}
