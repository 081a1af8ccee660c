import SwitchboardTesting
import Testing

@Suite(.serialized) struct ClusterQuotaTests {
  private static func pod(_ name: String, _ command: String, cpu: String = "100m") -> String {
    """
    apiVersion: v1
    kind: Pod
    metadata: {name: \(name)}
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 0
      containers:
      - name: main
        image: switchboard/busybox:1
        command: [\(command)]
        resources: {requests: {cpu: \(cpu)}}
    """
  }

  private static let untilTold = #"sh, -c, "until test -e /tmp/told; do sleep 1; done""#

  @Test func podsAreCountedRefusedAndLetGo() throws {
    try SharedLab.withNamespace("quotas") { lab in
      func kubectl(_ arguments: String..., input: String = "") throws -> LabSession.Output {
        try lab.run(["kubectl", "-n", "quotas"] + arguments, input: input)
      }
      func used(_ name: String) throws -> String {
        let path = name.replacing(".", with: "\\.")
        return try lab.kubectl("-n", "quotas", "get", "resourcequota", "q", "-o", "jsonpath={.status.used.\(path)}")
      }
      func becomes(_ name: String, _ value: String) throws {
        var seen = try used(name)
        for _ in 0..<100 {
          if seen == value { break }
          _ = try lab.shell("sleep 0.1")
          seen = try used(name)
        }
        #expect(seen == value, "\(name)")
      }
      try lab.kubectl("-n", "quotas", "create", "quota", "q", "--hard=pods=2,requests.cpu=500m")
      try becomes("pods", "0")
      #expect(try kubectl("apply", "-f", "-", input: Self.pod("stays", "sleep, \"3600\"")).code == 0)
      #expect(try kubectl("apply", "-f", "-", input: Self.pod("ends", Self.untilTold)).code == 0)
      let third = try kubectl("apply", "-f", "-", input: Self.pod("third", "sleep, \"3600\""))
      #expect(third.code == 1)
      #expect(
        third.text.contains(
          "pods \"third\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2"),
        "\(third.text)")
      let silent = try kubectl("run", "silent", "--image=switchboard/busybox:1")
      #expect(silent.text.contains("failed quota: q: must specify requests.cpu for: silent"), "\(silent.text)")
      try becomes("requests.cpu", "200m")
      // One that has ended makes room.
      try lab.kubectl("-n", "quotas", "wait", "--for=condition=Ready", "pod/ends", "--timeout=60s")
      try lab.kubectl("-n", "quotas", "exec", "ends", "--", "touch", "/tmp/told")
      try lab.kubectl(
        "-n", "quotas", "wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/ends", "--timeout=30s")
      try becomes("pods", "1")
      #expect(try kubectl("apply", "-f", "-", input: Self.pod("third", "sleep, \"3600\"", cpu: "300m")).code == 0)
      try becomes("requests.cpu", "400m")
      // And so does one that is deleted.
      try lab.kubectl("-n", "quotas", "delete", "pod", "third")
      try becomes("pods", "1")
      try becomes("requests.cpu", "100m")
      let table = try lab.kubectl("-n", "quotas", "get", "quota")
      #expect(table.contains("pods: 1/2") && table.contains("requests.cpu: 100m/500m"), "\(table)")
    }
  }
}
