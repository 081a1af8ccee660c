import SwitchboardTesting
import Testing

/// A web pod and a client in one namespace, a stranger and another pod in a second one, and a node that asks too.
struct PolicyScene {
  enum Asker: String {
    case client
    case stranger
    /// The node that the web pod is on.
    case host
  }

  let lab: LabSession
  let shop: String
  let other: String
  private let addresses: [String: String]
  private let node: String

  static func run(_ name: String, _ body: (PolicyScene) throws -> Void) throws {
    try SharedLab.withNamespace("shop-\(name)") { lab in
      try SharedLab.withNamespace("other-\(name)") { _ in try body(PolicyScene(lab, name)) }
    }
  }

  private init(_ lab: LabSession, _ name: String) throws {
    self.lab = lab
    (shop, other) = ("shop-\(name)", "other-\(name)")
    try lab.kubectl("label", "namespace", other, "team=b")
    try lab.kubectl(
      "-n", shop, "apply", "-f", "-",
      input: Manifest.all(Self.server("web"), Manifest.service("web"), Self.labelled("client")))
    try lab.kubectl(
      "-n", other, "apply", "-f", "-", input: Manifest.all(Self.server("other"), Self.labelled("stranger")))
    var addresses: [String: String] = [:]
    for (namespace, pods) in [(shop, ["web", "client"]), (other, ["other", "stranger"])] {
      for pod in pods {
        try lab.kubectl("-n", namespace, "wait", "--for=condition=Ready", "pod/\(pod)", "--timeout=30s")
        addresses[pod] = try lab.kubectl("-n", namespace, "get", "pod", pod, "-o", "jsonpath={.status.podIP}")
      }
    }
    self.addresses = addresses
    node = try lab.kubectl("-n", shop, "get", "pod", "web", "-o", "jsonpath={.spec.nodeName}")
  }

  /// Answers with its name at port 8080 (`http`), and with what it is sent at port 9.
  private static func server(_ name: String) -> String {
    """
    apiVersion: v1
    kind: Pod
    metadata: {name: \(name), labels: {app: \(name)}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: name
        image: switchboard/busybox:1
        command: [serve-hostname]
        ports: [{name: http, containerPort: 8080}]
        readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
      - name: echo
        image: switchboard/busybox:1
        command: [socat, "TCP4-LISTEN:9,fork,reuseaddr", "EXEC:cat"]
    """
  }

  private static func labelled(_ name: String) -> String {
    Manifest.client(name).replacing(
      "metadata: {name: \(name)}", with: "metadata: {name: \(name), labels: {app: \(name)}}")
  }

  func address(_ pod: String) -> String { addresses[pod] ?? "" }

  /// Makes a policy in the shop and waits until every node has it in force.
  func policy(_ name: String, _ spec: String, annotations: String = "{}") throws {
    try lab.kubectl(
      "-n", shop, "apply", "-f", "-",
      input: """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: \(name), annotations: \(annotations)}
        spec: \(spec.replacing("\n", with: " "))
        """)
    try settle()
  }

  func removePolicies() throws {
    try lab.kubectl("-n", shop, "delete", "networkpolicies", "--all")
    try settle()
  }

  /// Policies are in force some milliseconds after they are written.
  private func settle() throws { try lab.shell("sleep 0.5") }

  func resolves(_ name: String) throws -> Bool {
    try lab.run(["kubectl", "-n", shop, "exec", "client", "--", "timeout", "3", "nslookup", name]).code == 0
  }

  /// Who gets through to a Service or pod and who does not: by a real connection, by explanation, and by its probe.
  /// - Parameter isNamed: by its DNS name, from the same namespace.
  func expect(
    _ target: String, _ namespacePrefix: String, port: Int = 80, from allowed: [Asker], denied: [Asker] = [],
    isNamed: Bool = false, _ location: SourceLocation = #_sourceLocation
  ) throws {
    let namespace = namespacePrefix == "shop" ? shop : other
    let name = target.hasPrefix("pod/") ? String(target.dropFirst(4)) : target
    let place = isNamed ? name : target.hasPrefix("pod/") ? "pod/\(name).\(namespace)" : "svc/\(name).\(namespace)"
    let host = target.hasPrefix("pod/") ? address(name) : try clusterIP(name, namespace)
    for (asker, passes) in allowed.map({ ($0, true) }) + denied.map({ ($0, false) }) {
      let question = ["switchboard", "explain", "--probe"] + [source(asker), "\(place):\(port)"]
      let answer = try lab.run(isNamed ? question + ["-n", shop] : question)
      #expect(answer.code == (passes ? 0 : 1), "\(asker): \(answer.text)", sourceLocation: location)
      #expect(!answer.text.contains("not what was predicted"), "\(answer.text)", sourceLocation: location)
      #expect(
        answer.text.contains(passes ? "tried: connected" : "tried: no answer"), "\(answer.text)",
        sourceLocation: location)
      let reached = try lab.run(command(asker, host, port)).code == 0
      #expect(reached == passes, "\(asker) to \(place):\(port)", sourceLocation: location)
    }
  }

  private func clusterIP(_ name: String, _ namespace: String) throws -> String {
    try lab.kubectl("-n", namespace, "get", "service", name, "-o", "jsonpath={.spec.clusterIP}")
  }

  private func source(_ asker: Asker) -> String {
    switch asker {
    case .client: "pod/client.\(shop)"
    case .stranger: "pod/stranger.\(other)"
    case .host: "node/\(node)"
    }
  }

  /// Connects and ends at once.
  private func command(_ asker: Asker, _ host: String, _ port: Int) -> [String] {
    let connect = ["socat", "-T", "1", "-u", "OPEN:/dev/null", "TCP:\(host):\(port),connect-timeout=1"]
    switch asker {
    case .client: return ["kubectl", "-n", shop, "exec", "client", "--"] + connect
    case .stranger: return ["kubectl", "-n", other, "exec", "stranger", "--"] + connect
    case .host: return ["switchboard", "node", "exec", node, "--"] + connect
    }
  }
}
