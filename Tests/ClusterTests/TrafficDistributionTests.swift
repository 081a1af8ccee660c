import JSONTree
import SwitchboardTesting
import Testing

/// Traffic that keeps to near endpoints, by hints in the slices.
@Suite(.serialized) struct ClusterTrafficDistributionTests {
  /// By the name of its pod, whom each endpoint of a slice is for.
  private static func hints(_ slices: [JSON], _ member: String) -> [String: [String]] {
    var result: [String: [String]] = [:]
    for endpoint in slices.flatMap({ $0["endpoints"]?.items ?? [] }) {
      let names = (endpoint["hints"]?[member]?.items ?? []).compactMap { $0["name"]?.string }
      result[endpoint["targetRef"]?["name"]?.string ?? ""] = names
    }
    return result
  }

  @Test func trafficPrefersItsNodeAndThenItsZone() throws {
    let scene = try ServiceScene.standing()
    let label = "topology.kubernetes.io/zone"
    try scene.kubectl("label", "node", "node-1", "node-2", "\(label)=east")
    try scene.kubectl("label", "node", "node-3", "\(label)=west")
    defer { _ = try? scene.kubectl("label", "node", "node-1", "node-2", "node-3", "\(label)-") }
    try scene.with(Manifest.service("near", app: "web", spec: "  trafficDistribution: PreferSameZone")) {
      let target = "\(try scene.clusterAddress("near")):80"
      let zones = ["web-1": ["east"], "web-2": ["east"], "web-3": ["west"]]
      #expect(Self.hints(try scene.slices(of: "near") { Self.hints($0, "forZones") == zones }, "forZones") == zones)
      for asker in [ServiceScene.Asker.client(1), .client(2), .host(1)] {
        try scene.expect(["web-1", "web-2"], at: target, from: asker)
      }
      try scene.expect(["web-3"], at: target, from: .client(3), source: try scene.podAddress("client-3"))

      try scene.patch("service/near", "{\"spec\": {\"trafficDistribution\": \"PreferSameNode\"}}")
      let nodes = ["web-1": ["node-1"], "web-2": ["node-2"], "web-3": ["node-3"]]
      #expect(Self.hints(try scene.slices(of: "near") { Self.hints($0, "forNodes") == nodes }, "forNodes") == nodes)
      for node in 1...3 {
        try scene.expect(["web-\(node)"], at: target, from: .client(node))
        try scene.expect(["web-\(node)"], at: target, from: .host(node), over: .udp)
      }

      // No endpoint on the node: the zone's.
      try scene.kubectl("label", "pod", "web-1", "app-")
      defer { _ = try? scene.kubectl("label", "pod", "web-1", "app=web") }
      try scene.expect(["web-2"], at: target, from: .client(1))
      // None in the zone either: the cluster's.
      try scene.kubectl("label", "pod", "web-3", "app-")
      defer { _ = try? scene.kubectl("label", "pod", "web-3", "app=web") }
      try scene.expect(["web-2"], at: target, from: .client(3))

      try scene.kubectl("label", "pod", "web-1", "web-3", "app=web")
      try scene.patch("service/near", "{\"spec\": {\"trafficDistribution\": null}}")
      try scene.expect(ServiceScene.all, at: target, from: .client(1))
      #expect(Self.hints(try scene.slices(of: "near"), "forNodes").values.allSatisfy(\.isEmpty))
    }
  }

  @Test func hintsCountWhereAllReadyEndpointsHaveThem() throws {
    let scene = try ServiceScene.standing()
    let addresses = try (1...3).map { try scene.podAddress("web-\($0)") }
    func slice(_ nodes: [String?]) -> String {
      let endpoints = zip(addresses, nodes).enumerated().map { index, pair in
        let hints = pair.1.map { ", hints: {forNodes: [{name: \($0)}]}" } ?? ""
        return "- {addresses: [\(pair.0)], nodeName: node-\(index + 1), conditions: {ready: true}\(hints)}"
      }
      return """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: hinted-own, labels: {kubernetes.io/service-name: hinted}}
        addressType: IPv4
        ports: [{name: http, port: 8080}]
        endpoints:
        \(endpoints.joined(separator: "\n"))
        """
    }
    let service = """
      apiVersion: v1
      kind: Service
      metadata: {name: hinted}
      spec: {ports: [{name: http, port: 80}]}
      """
    try scene.with(service, slice(["node-1", "node-2", nil])) {
      let target = "\(try scene.clusterAddress("hinted")):80"
      try scene.expect(ServiceScene.all, at: target, from: .client(1))
      // The third one is for the first node too.
      try scene.apply(slice(["node-1", "node-2", "node-1"]))
      try scene.expect(["web-1", "web-3"], at: target, from: .client(1))
      try scene.expect(["web-2"], at: target, from: .client(2))
      // For the third node there is none: hints do not bind it.
      try scene.expect(ServiceScene.all, at: target, from: .client(3))
    }
  }
}
