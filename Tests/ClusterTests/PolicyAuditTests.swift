import JSONTree
import SwitchboardTesting
import Testing

/// Policies that are tried out: they stop nobody, and what they would have denied is told.
@Suite(.serialized) struct ClusterPolicyAuditTests {
  private static let audited = "{switchboard.dev/audit: 'true'}"

  private func findings(_ scene: PolicyScene) throws -> [JSON] {
    let answer = try scene.lab.run(["switchboard", "policy", "audit", "-n", scene.shop, "-o", "json"])
    #expect(answer.code == 0, "\(answer.text)")
    return try JSON.parse(Array(answer.text.utf8))["findings"]?.items ?? []
  }

  @Test func whatWouldBeDeniedIsToldAndNobodyIsStopped() throws {
    try PolicyScene.run("audit") { scene in
      try scene.policy("deny-all", "{podSelector: {}, policyTypes: [Ingress]}", annotations: Self.audited)
      let silent = try scene.lab.run(["switchboard", "policy", "audit", "-n", scene.shop])
      #expect(silent.text.contains("\(scene.shop)/deny-all would have denied nothing so far"), "\(silent.text)")
      try scene.expect("web", "shop", from: [.client, .stranger, .host])
      let found = try findings(scene)
      #expect(
        found.allSatisfy { $0["policies"] == [.string("\(scene.shop)/deny-all")] && $0["direction"] == "ingress" })
      #expect(
        Set(found.compactMap { $0["peer"]?.string })
          == ["pod \(scene.shop)/client", "pod \(scene.other)/stranger"], "\(found)")
      #expect(found.allSatisfy { $0["port"] == "TCP 8080" && $0["count"]?.int ?? 0 >= 1 }, "\(found)")
      let text = try scene.lab.run(["switchboard", "policy", "audit", "deny-all", "-n", scene.shop]).text
      #expect(text.contains("POLICY") && text.contains("\(scene.shop)/web"), "\(text)")
      let explained = try scene.lab.run(
        ["switchboard", "explain", "pod/client.\(scene.shop)", "svc/web.\(scene.shop):80"])
      #expect(
        explained.code == 0 && explained.text.contains("tried out only, \(scene.shop)/deny-all would deny it"),
        "\(explained.text)")
      // Events are written behind what is counted.
      let events = try scene.lab.shell(
        """
        for i in $(seq 100); do
          e=$(kubectl -n \(scene.shop) get events --field-selector reason=WouldDeny,involvedObject.name=deny-all -o wide)
          echo "$e" | grep -q stranger && break; sleep 0.1
        done; echo "$e"
        """)
      #expect(events.contains("tried out only, it would deny ingress of pod \(scene.shop)/web"), "\(events)")

      // A second one allows what the first does not.
      try scene.policy(
        "from-client",
        "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: client}}}]}]}",
        annotations: Self.audited)
      let before = try findings(scene)
      try scene.expect("web", "shop", from: [.client, .stranger])
      func count(_ findings: [JSON], _ peer: String) -> Int64 {
        findings.filter { $0["peer"]?.string?.hasSuffix(peer) == true }.compactMap { $0["count"]?.int }.reduce(0, +)
      }
      let after = try findings(scene)
      #expect(count(after, "/client") == count(before, "/client"), "\(before) \(after)")
      #expect(count(after, "/stranger") > count(before, "/stranger"), "\(before) \(after)")

      // Enforced, they do what was foretold, and there is nothing more to tell.
      try scene.lab.kubectl("-n", scene.shop, "annotate", "networkpolicy", "--all", "switchboard.dev/audit-")
      try scene.lab.shell("sleep 0.5")
      try scene.expect("web", "shop", from: [.client, .host], denied: [.stranger])
      let nothing = try scene.lab.run(["switchboard", "policy", "audit", "-n", scene.shop])
      #expect(nothing.text.contains("no such NetworkPolicy is tried out"), "\(nothing.text)")
    }
  }

  @Test func anotherValueOfTheAnnotationIsRefused() throws {
    try PolicyScene.run("audit-value") { scene in
      let answer = try scene.lab.run(
        ["kubectl", "-n", scene.shop, "apply", "-f", "-"],
        input: """
          apiVersion: networking.k8s.io/v1
          kind: NetworkPolicy
          metadata: {name: unclear, annotations: {switchboard.dev/audit: "yes"}}
          spec: {podSelector: {}}
          """)
      #expect(answer.code != 0)
      #expect(
        answer.text.contains(
          "metadata.annotations[switchboard.dev/audit]: Unsupported value: \"yes\": supported values: \"true\", \"false\""
        ),
        "\(answer.text)")
    }
  }
}
