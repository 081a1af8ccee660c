import JSONTree
import KubernetesAPI
import SwitchboardTesting
import Testing

/// Which endpoints a Service's policies lead whom to.
@Suite(.serialized) struct ClusterServicePolicyTests {
  @Test func trafficInsideKeepsToItsNodeIfToldSo() throws {
    let scene = try ServiceScene.standing()
    let spec = "  internalTrafficPolicy: Local"
    try scene.with(Manifest.service("inside", selector: "pod: web-2", spec: spec)) {
      let target = "\(try scene.clusterAddress("inside")):80"
      try scene.expect(["web-2"], at: target, from: .client(2), source: try scene.podAddress("client-2"))
      try scene.expect(["web-2"], at: target, from: .host(2))
      // There are endpoints, elsewhere: it is dropped and not refused.
      for asker in [ServiceScene.Asker.client(1), .host(1), .client(3)] {
        try scene.expect(["silence"], at: target, from: asker)
      }
      try scene.expect(["silence"], at: target, from: .client(1), over: .udp)
      try scene.patch("service/inside", "{\"spec\": {\"internalTrafficPolicy\": \"Cluster\"}}")
      try scene.expect(["web-2"], at: target, from: .client(1))
      try scene.patch(
        "service/inside", "{\"spec\": {\"internalTrafficPolicy\": \"Local\", \"selector\": {\"pod\": \"nobody\"}}}")
      try scene.expect(["refused"], at: target, from: .client(1))
    }
  }

  @Test func clientsInsideReachTheWholeClusterAtALoadBalancersAddress() throws {
    let scene = try ServiceScene.standing()
    let spec = "  type: LoadBalancer\n  externalTrafficPolicy: Local"
    try scene.with(Manifest.service("outside", selector: "pod: web-2", spec: spec)) {
      let address = try scene.balancedAddress("outside")
      for node in 1...3 {
        let source = try scene.podAddress("client-\(node)")
        try scene.expect(["web-2"], at: "\(address):80", from: .client(node), source: source)
        // So do nodes, and the one that has the address on its link like the others.
        try scene.expect(["web-2"], at: "\(address):80", from: .host(node), source: "172.30.0.1\(node)")
      }
      try scene.expect(["web-2"], at: "\(address):80", from: .outside, source: "172.30.0.1")
      let port = try scene.field("service/outside", ".spec.ports[0].nodePort")
      try scene.expect(["web-2"], at: "172.30.0.12:\(port)", from: .outside, source: "172.30.0.1")
      try scene.expect(["silence"], at: "172.30.0.11:\(port)", from: .outside)
      try scene.expect(["web-2"], at: "172.30.0.11:\(port)", from: .client(1))
    }
  }

  /// curl's whole answer; nothing where nobody answers, which is for the test to judge.
  private static func get(_ scene: ServiceScene, _ url: String) throws -> String {
    try scene.run(.outside, "curl -si --max-time 2 \(url) | tr -d '\\r' || true")
  }

  @Test func aPortForLoadBalancersSaysWhereTheEndpointsAre() throws {
    let scene = try ServiceScene.standing()
    let spec = "  type: LoadBalancer\n  externalTrafficPolicy: Local"
    try scene.with(Manifest.service("healthy", app: "web", spec: spec)) {
      let port = try scene.field("service/healthy", ".spec.healthCheckNodePort")
      func answer(_ node: Int, has endpoints: Int) throws -> String {
        var said = ""
        // It opens, and changes, a moment after the Service.
        for _ in 0..<50 where !said.contains("Endpoint-Weight: \(endpoints)\n") {
          said = try Self.get(scene, "http://172.30.0.1\(node):\(port)/")
        }
        return said
      }
      func check(_ said: String, _ status: String, endpoints: Int64) throws {
        #expect(said.hasPrefix("HTTP/1.1 \(status)\n"), "\(said)")
        #expect(said.contains("\nX-Load-Balancing-Endpoint-Weight: \(endpoints)\n"), "\(said)")
        #expect(said.contains("\nContent-Type: application/json\n"), "\(said)")
        let body = try #require(said.split(separator: "\n\n", maxSplits: 1).last)
        #expect(
          try JSON.parse(Array(body.utf8)) == [
            "service": ["namespace": .string(ServiceScene.namespace), "name": "healthy"],
            "localEndpoints": .int(endpoints), "serviceProxyHealthy": true,
          ])
      }
      try check(try answer(2, has: 1), "200 OK", endpoints: 1)
      try scene.patch("service/healthy", "{\"spec\": {\"selector\": {\"pod\": \"web-3\"}}}")
      try check(try answer(2, has: 0), "503 Service Unavailable", endpoints: 0)
      try check(try answer(3, has: 1), "200 OK", endpoints: 1)
      try scene.patch("service/healthy", "{\"spec\": {\"externalTrafficPolicy\": \"Cluster\"}}")
      #expect(try scene.object("service/healthy").spec["healthCheckNodePort"] == nil)
      try scene.expect(["refused"], at: "172.30.0.13:\(port)", from: .outside)
    }
  }

  @Test func aNodeThatIsToGoAsksForNoTraffic() throws {
    let scene = try ServiceScene.standing()
    func status(_ node: Int, _ path: String, is expected: String) throws -> String {
      var said = ""
      for _ in 0..<50 where !said.hasPrefix("HTTP/1.1 \(expected)") {
        said = try Self.get(scene, "http://172.30.0.1\(node):10256/\(path)")
      }
      return said
    }
    #expect(try status(3, "healthz", is: "200").contains("\"nodeEligible\": true"))
    let taint = "ToBeDeletedByClusterAutoscaler"
    try scene.kubectl("taint", "node", "node-3", "\(taint)=soon:NoSchedule")
    defer { _ = try? scene.kubectl("taint", "node", "node-3", "\(taint)-") }
    let leaving = try status(3, "healthz", is: "503")
    #expect(leaving.hasPrefix("HTTP/1.1 503") && leaving.contains("\"nodeEligible\": false"), "\(leaving)")
    #expect(try Self.get(scene, "http://172.30.0.13:10256/livez").hasPrefix("HTTP/1.1 200"))
    #expect(try Self.get(scene, "http://172.30.0.12:10256/healthz").hasPrefix("HTTP/1.1 200"))
    try scene.kubectl("taint", "node", "node-3", "\(taint)-")
    #expect(try status(3, "healthz", is: "200").hasPrefix("HTTP/1.1 200"))
  }
}
