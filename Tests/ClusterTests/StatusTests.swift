import JSONTree
import SwitchboardTesting
import Testing

@Suite struct ClusterStatusTests {
  @Test func everyNodeSaysWhereAServiceLeads() throws {
    try SharedLab.withNamespace("status") { lab in
      try lab.kubectl(
        "-n", "status", "apply", "-f", "-",
        input: Manifest.all(Manifest.deployment("web", replicas: 2), Manifest.service("web")))
      try lab.kubectl("-n", "status", "rollout", "status", "deployment/web", "--timeout=30s")
      let expected = Set(
        try lab.kubectl(
          "-n", "status", "get", "pods", "-l", "app=web", "-o", "jsonpath={range .items[*]}{.status.podIP}:8080 {end}"
        ).split(separator: " ").map(String.init))
      func status() throws -> JSON {
        let text = try lab.shell("switchboard status service web --namespace status --output json")
        return try JSON.parse(Array(text.utf8))
      }
      // Endpoints are in force some milliseconds after they are ready.
      var nodes: [JSON] = []
      for _ in 0..<50 {
        nodes = try status()["nodes"]?.items ?? []
        let counts = nodes.flatMap { $0["addresses"]?.items ?? [] }.map { $0["endpoints"]?.items.count ?? 0 }
        if counts.allSatisfy({ $0 == expected.count }) { break }
      }
      #expect(nodes.compactMap { $0["node"]?.string } == ["node-1", "node-2", "node-3"])
      for node in nodes {
        let addresses = node["addresses"]?.items ?? []
        #expect(addresses.compactMap { $0["protocol"]?.string }.sorted() == ["TCP", "UDP"])
        for address in addresses {
          #expect(Set((address["endpoints"]?.items ?? []).compactMap(\.string)) == expected)
        }
      }
      let text = try lab.shell("switchboard status service web --namespace status")
      for endpoint in expected { #expect(text.contains(endpoint)) }
      let missing = try lab.run(["switchboard", "status", "service", "nobody"])
      #expect(missing.code != 0)
      #expect(missing.text.contains("services \"nobody\" not found"))
    }
  }
}
