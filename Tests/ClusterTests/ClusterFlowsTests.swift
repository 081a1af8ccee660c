import JSONTree
import SwitchboardTesting
import Testing

/// `switchboard flows` of real connections between pods of two nodes.
@Suite(.serialized) struct ClusterFlowsTests {
  private let client = Manifest.client(node: "node-1")
  private let web = """
    apiVersion: v1
    kind: Pod
    metadata: {name: web, labels: {app: web}}
    spec:
      nodeName: node-2
      terminationGracePeriodSeconds: 0
      containers:
      - name: main
        image: switchboard/busybox:1
        command: [serve-hostname]
        readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
    """

  /// The lines of the kind, as trees.
  private func flows(_ lab: LabSession, _ arguments: String..., kind: String = "flow") throws -> [JSON] {
    let output = try lab.run(["switchboard", "flows", "-n", "flows", "--output", "json"] + arguments)
    guard output.code == 0 else { throw CommandFailure(description: output.text) }
    return try trees(output.text, kind)
  }

  private func trees(_ text: String, _ kind: String) throws -> [JSON] {
    try text.split(separator: "\n").map { try JSON.parse(Array($0.utf8)) }.filter { $0["kind"]?.string == kind }
  }

  private func call(_ lab: LabSession, seconds: Int = 3) throws -> Int32 {
    let command = ["kubectl", "-n", "flows", "exec", "client", "--", "curl", "-sS", "-m", "\(seconds)", "http://web/"]
    return try lab.run(command).code
  }

  @Test func connectionsAndDropsAreShownWithNamesAndVerdicts() throws {
    try SharedLab.withNamespace("flows") { lab in
      _ = try lab.kubectl(
        in: "flows", ["apply", "-f", "-"], input: Manifest.all(client, web, Manifest.service("web")))
      for pod in ["client", "web"] {
        _ = try lab.kubectl(in: "flows", ["wait", "--for=condition=Ready", "pod/\(pod)", "--timeout=30s"])
      }
      try connections(lab)
      try filters(lab)
      try following(lab)
      try drops(lab)
    }
  }

  private func connections(_ lab: LabSession) throws {
    #expect(try call(lab) == 0)
    let found = try flows(lab, "--from", "pod/client", "--to", "svc/web")
    let flow = try #require(found.first)
    #expect(found.count == 1)
    #expect(flow[path: "from", "pod"]?.string == "flows/client" && flow[path: "to", "pod"]?.string == "flows/web")
    #expect(flow[path: "service", "name"]?.string == "flows/web" && flow[path: "service", "port"]?.int == 80)
    #expect(flow["nodes"]?.items.compactMap(\.string) == ["node-1", "node-2"])
    #expect(flow[path: "egress", "text"]?.string == "no policy isolates flows/client for egress")
    #expect(flow[path: "ingress", "text"]?.string == "no policy isolates flows/web for ingress")
    #expect((flow[path: "answered", "bytes"]?.int ?? 0) > 0)
    let text = try lab.shell("switchboard flows -n flows --from pod/client --to svc/web")
    #expect(text.contains("flows/client:") && text.contains("flows/web:8080 (svc flows/web:80)"), "\(text)")
  }

  private func filters(_ lab: LabSession) throws {
    let address = try lab.kubectl(in: "flows", ["get", "service", "web", "-o", "jsonpath={.spec.clusterIP}"])
    for target in ["pod/web:8080", "svc/web.flows:80", address, "\(address):80"] {
      #expect(try flows(lab, "--from", "pod/client.flows", "--to", target).count == 1, "\(target)")
    }
    #expect(try flows(lab, "--from", "pod/web").isEmpty)
    #expect(try flows(lab, "--from", "pod/client", "--to", "svc/web:81").isEmpty)
    #expect(try flows(lab, "--dropped", "--from", "pod/client").isEmpty)
    let refused = try lab.run(["switchboard", "flows", "--from", "web"])
    #expect(refused.code != 0 && refused.text.contains("'web' is no end of a flow"), "\(refused.text)")
  }

  private func following(_ lab: LabSession) throws {
    try lab.shell(
      """
      switchboard flows -n flows --follow --to svc/web --output json >/tmp/followed 2>&1 </dev/null &
      echo $! >/tmp/follower
      """)
    try lab.shell("sleep 2")
    #expect(try call(lab) == 0)
    try lab.shell("for i in $(seq 50); do grep -q flows/client /tmp/followed && break; sleep 0.1; done")
    let followed = try trees(try lab.shell("kill $(cat /tmp/follower); cat /tmp/followed"), "flow")
    let flow = try #require(followed.first)
    #expect(followed.count == 1 && flow["status"]?.string == "live")
    #expect(flow["nodes"]?.items.count == 2 && flow[path: "service", "name"]?.string == "flows/web")
  }

  private func drops(_ lab: LabSession) throws {
    _ = try lab.kubectl(
      in: "flows", ["apply", "-f", "-"],
      input: """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: deny}
        spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}
        """)
    // Policies are in force some milliseconds after they are written.
    try lab.shell("sleep 0.5")
    #expect(try call(lab, seconds: 2) != 0)
    let found = try flows(lab, "--dropped", "--from", "pod/client", "--to", "svc/web")
    let flow = try #require(found.first)
    #expect(found.count == 1 && flow["status"]?.string == "dropped" && (flow["packets"]?.int ?? 0) >= 1)
    #expect(flow[path: "to", "pod"]?.string == "flows/web" && flow["nodes"]?.items.count == 2)
    #expect(flow[path: "egress", "allowed"]?.bool == true && flow[path: "ingress", "allowed"]?.bool == false)
    #expect(flow[path: "ingress", "object"]?.string == "NetworkPolicy flows/deny")
    let text = try lab.shell("switchboard flows -n flows --dropped --to pod/web")
    #expect(text.contains("DROPPED") && text.contains("flows/deny isolates flows/web"), "\(text)")
    #expect(try flows(lab, kind: "loss").isEmpty)

    // At the sender, before anything leaves its node.
    _ = try lab.kubectl(
      in: "flows", ["apply", "-f", "-"],
      input: """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: out}
        spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]}
        """)
    try lab.shell("sleep 0.5")
    #expect(try call(lab, seconds: 2) != 0)
    let held = try flows(lab, "--dropped", "--from", "pod/client", "--to", "svc/web").filter {
      $0[path: "egress", "allowed"]?.bool == false
    }
    #expect(held.count == 1 && held.first?["nodes"]?.items.compactMap(\.string) == ["node-1"])
    #expect(held.first?[path: "egress", "object"]?.string == "NetworkPolicy flows/out")
  }
}
