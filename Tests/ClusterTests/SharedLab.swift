import LinuxKernel
import SwitchboardTesting
import Testing

/// One lab of three nodes for every test that does not break it. Each suite works in a namespace of its own.
enum SharedLab {
  private static let started = Result { try LabSession(nodes: 3, images: ["busybox"]) }

  static func session() throws -> LabSession { try started.get() }

  /// Makes a namespace, hands it over, and deletes it.
  static func withNamespace(_ name: String, _ body: (LabSession) throws -> Void) throws {
    let lab = try session()
    try lab.kubectl("create", "namespace", name)
    defer { _ = try? lab.run(["kubectl", "delete", "namespace", name, "--wait=false"]) }
    try body(lab)
  }
}

struct CommandFailure: Error, CustomStringConvertible {
  let description: String
}

extension LabSession {
  /// Runs kubectl in a namespace; throws where it fails.
  func kubectl(in namespace: String, _ arguments: [String], input: String = "") throws -> String {
    let output = try run(["kubectl", "-n", namespace] + arguments, input: input)
    guard output.code == 0 else {
      throw CommandFailure(description: "kubectl \(arguments.joined(separator: " ")): \(output.text)")
    }
    return output.text
  }
}

/// Manifests that several suites use.
enum Manifest {
  /// Pods that answer with their names, over HTTP and UDP on port 8080.
  static func deployment(_ name: String, replicas: Int = 1, extra: String = "") -> String {
    """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: \(name)}
    spec:
      replicas: \(replicas)
      selector: {matchLabels: {app: \(name)}}
      template:
        metadata: {labels: {app: \(name)}}
        spec:
          terminationGracePeriodSeconds: 5
          containers:
          - name: main
            image: switchboard/busybox:1
            command: [serve-hostname]
            readinessProbe:
              httpGet: {path: /, port: 8080}
              periodSeconds: 1
    \(extra)
    """
  }

  /// A pod with a shell in which tests run commands.
  static func client(_ name: String = "client", node: String? = nil, hostNetwork: Bool = false) -> String {
    """
    apiVersion: v1
    kind: Pod
    metadata: {name: \(name)}
    spec:
      terminationGracePeriodSeconds: 0
      hostNetwork: \(hostNetwork)
      \(node.map { "nodeName: \($0)" } ?? "")
      containers:
      - name: main
        image: switchboard/busybox:1
        command: [sleep, "86400"]
    """
  }

  /// A pod that sends back what it gets over TCP, and its Service on port 7.
  static func echo(_ name: String) -> String {
    """
    apiVersion: v1
    kind: Pod
    metadata: {name: \(name), labels: {app: \(name)}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: main
        image: switchboard/busybox:1
        command: [socat, "TCP4-LISTEN:7,fork,reuseaddr", "EXEC:cat"]
        readinessProbe: {tcpSocket: {port: 7}, periodSeconds: 1}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: \(name)}
    spec:
      selector: {app: \(name)}
      ports: [{port: 7}]
    """
  }

  /// - Parameter selector: what it selects by, where that is not `app` alone.
  static func service(_ name: String, app: String? = nil, selector: String? = nil, spec: String = "") -> String {
    """
    apiVersion: v1
    kind: Service
    metadata: {name: \(name)}
    spec:
      selector: {\(selector ?? "app: \(app ?? name)")}
      ports:
      - {name: http, port: 80, targetPort: 8080, protocol: TCP}
      - {name: udp, port: 80, targetPort: 8080, protocol: UDP}
    \(spec)
    """
  }

  static func all(_ parts: String...) -> String { parts.joined(separator: "\n---\n") }
}
