import JSONTree
import KubernetesAPI
import Testing

@testable import NodeAgent

@Suite struct DownwardFieldTests {
  private let pod = testPod(containers: [
    testContainer(
      "main",
      [
        "resources": [
          "requests": ["cpu": "250m", "memory": "64Mi"], "limits": ["cpu": "1500m", "memory": "100M"],
        ]
      ]), testContainer("free"),
  ]) {
    $0[path: "metadata", "labels"] = ["b": "2", "a": "x\"y\n"]
    $0[path: "metadata", "annotations"] = ["note": "hello"]
    $0[path: "metadata", "uid"] = "u-1"
    $0[path: "spec", "serviceAccountName"] = "robot"
  }

  @Test(arguments: [
    ("metadata.name", "web"), ("metadata.namespace", "default"), ("metadata.uid", "u-1"),
    ("metadata.labels['b']", "2"), ("metadata.labels['none']", ""), ("metadata.annotations['note']", "hello"),
    ("metadata.labels", "a=\"x\\\"y\\n\"\nb=\"2\""), ("spec.nodeName", "node-1"),
    ("spec.serviceAccountName", "robot"), ("status.hostIP", "192.0.2.1"), ("status.hostIPs", "192.0.2.1"),
    ("status.podIP", "10.244.0.9"), ("status.podIPs", "10.244.0.9,fd00::9"),
  ])
  func fields(_ path: String, _ value: String) throws {
    #expect(try DownwardField.test(pod, addresses: ["10.244.0.9", "fd00::9"]).value(fieldPath: path) == value)
  }

  @Test func anUnknownFieldIsRefused() {
    #expect(throws: NodeAgentError.self) { try DownwardField.test(pod).value(fieldPath: "spec.hostname") }
  }

  @Test(
    arguments: [
      ("limits.cpu", nil, "2"), ("limits.cpu", "1m", "1500"), ("requests.cpu", nil, "1"), ("requests.cpu", "1m", "250"),
      ("limits.memory", nil, "100000000"), ("limits.memory", "1Mi", "96"), ("requests.memory", "1Mi", "64"),
    ] as [(String, String?, String)])
  func resourcesInTheirUnit(_ resource: String, _ divisor: String?, _ value: String) throws {
    var reference: JSON = ["resource": .string(resource)]
    if let divisor { reference["divisor"] = .string(divisor) }
    #expect(try DownwardField.test(pod).value(resource: reference, containerName: "main") == value)
  }

  @Test func withoutALimitTheNodeIsTheLimit() throws {
    let field = DownwardField.test(pod)
    #expect(try field.value(resource: ["resource": "limits.cpu"], containerName: "free") == "4")
    #expect(try field.value(resource: ["resource": "limits.memory"], containerName: "free") == "\(8 << 30)")
    #expect(try field.value(resource: ["resource": "requests.cpu"], containerName: "free") == "0")
    #expect(
      try field.value(resource: ["resource": "limits.cpu", "containerName": "main"], containerName: "free") == "2")
  }
}
