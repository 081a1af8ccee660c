import SwitchboardTesting

/// Requests from a pod on each node, by a Service's name, a connection for each, none repeated.
struct NamedLoad {
  private let lab: LabSession
  private let pods: [String]

  /// What came of them.
  struct Result {
    /// Who answered each.
    var answers: [Substring] = []
    /// What curl said of those that failed.
    var failures = ""
  }

  /// Starts the pods, and from each of them requests to `http://NAME/` without pause.
  init(_ lab: LabSession, nodes: Int, to name: String) throws {
    self.lab = lab
    pods = (1...nodes).map { "client-\($0)" }
    try lab.apply(
      (1...nodes).map { Manifest.client("client-\($0)", node: "node-\($0)") }.joined(separator: "\n---\n"))
    for pod in pods {
      try lab.kubectl("wait", "--for=condition=Ready", "--timeout=30s", "pod/\(pod)")
      try lab.kubectl(
        "exec", pod, "--", "sh", "-c",
        """
        (while [ ! -e /tmp/stop ]; do curl -sS --max-time 5 http://\(name)/ >>/tmp/answers 2>>/tmp/failures; \
          done; touch /tmp/done) </dev/null >/dev/null 2>&1 &
        """)
    }
  }

  func stop() throws -> Result {
    var result = Result()
    for pod in pods {
      result.failures += try lab.kubectl(
        "exec", pod, "--", "sh", "-c",
        "touch /tmp/stop; until [ -e /tmp/done ]; do usleep 10000; done; cat /tmp/failures")
      result.answers += try lab.kubectl("exec", pod, "--", "cat", "/tmp/answers").split(separator: "\n")
    }
    return result
  }
}
