import SwitchboardTesting
import Testing

/// Clients that stay with the endpoint they came to.
@Suite(.serialized) struct ClusterServiceAffinityTests {
  private static let spec = "  sessionAffinity: ClientIP"

  private static func set(_ scene: ServiceScene, _ affinity: String) throws {
    try scene.patch("service/sticky", "{\"spec\": {\"sessionAffinity\": \"\(affinity)\"}}")
  }

  /// Who answers 15 connections of a client: by chance it is not one alone.
  private static func answerers(
    _ scene: ServiceScene, _ target: String, _ asker: ServiceScene.Asker
  ) throws -> Set<String> {
    Set(try scene.answers([target], from: asker, rounds: 15).joined())
  }

  @Test func clientsStayAndThatIsTurnedOnAndOffLive() throws {
    let scene = try ServiceScene.standing()
    try scene.with(Manifest.service("sticky", app: "web", spec: "  type: NodePort")) {
      let inside = "\(try scene.clusterAddress("sticky")):80"
      let outside = "172.30.0.13:\(try scene.field("service/sticky", ".spec.ports[0].nodePort"))"
      for target in [inside, outside] { try scene.expect(ServiceScene.all, at: target, from: .client(1)) }
      try Self.set(scene, "ClientIP")
      #expect(try scene.field("service/sticky", ".spec.sessionAffinityConfig.clientIP.timeoutSeconds") == "10800")
      for (target, asker) in [
        (inside, ServiceScene.Asker.client(1)), (inside, .client(2)), (inside, .host(1)), (outside, .client(1)),
        (outside, .outside),
      ] {
        var seen: Set<String> = []
        // A node may take a moment to hear of it.
        for _ in 0..<5 where seen.count != 1 { seen = try Self.answerers(scene, target, asker) }
        #expect(seen.count == 1 && seen.isSubset(of: ServiceScene.all), "\(target) from \(asker): \(seen)")
        #expect(try Self.answerers(scene, target, asker) == seen, "\(target) from \(asker)")
      }
      try Self.set(scene, "None")
      for target in [inside, outside] { try scene.expect(ServiceScene.all, at: target, from: .client(1)) }
    }
  }

  @Test func aClientWhoseEndpointGoesIsGivenAnother() throws {
    let scene = try ServiceScene.standing()
    try scene.with(
      Manifest.teller("stay-1", labels: "app: stay", node: "node-1"),
      Manifest.teller("stay-2", labels: "app: stay", node: "node-2"),
      Manifest.service("sticky", app: "stay", spec: Self.spec), Manifest.service("free", app: "stay")
    ) {
      try scene.ready("stay-1", "stay-2")
      try scene.expect(["stay-1", "stay-2"], at: "free:80", from: .client(1))
      let first = try scene.someone(at: "sticky:80", from: .client(1))
      try scene.expect([first], at: "sticky:80", from: .client(1))
      let other = first == "stay-1" ? "stay-2" : "stay-1"
      try scene.kubectl("label", "pod", first, "app-")
      try scene.expect([other], at: "sticky:80", from: .client(1))
      // There it stays when the former comes back.
      try scene.kubectl("label", "pod", first, "app=stay")
      try scene.expect(["stay-1", "stay-2"], at: "free:80", from: .client(1))
      #expect(try Self.answerers(scene, "sticky:80", .client(1)) == [other])
    }
  }

  @Test func theTimeToStayEnds() throws {
    let scene = try ServiceScene.standing()
    // For each of its ports a client has a choice of its own: three rounds of six are alike by chance once in 500 000.
    let ports = (81...86).map { "  - {name: of-\($0), port: \($0), targetPort: 8080}" }.joined(separator: "\n")
    let service = """
      apiVersion: v1
      kind: Service
      metadata: {name: sticky}
      spec:
        selector: {app: web}
        sessionAffinity: ClientIP
        sessionAffinityConfig: {clientIP: {timeoutSeconds: 2}}
        ports:
      \(ports)
      """
    try scene.with(service) {
      let address = try scene.clusterAddress("sticky")
      let targets = (81...86).map { "\(address):\($0)" }
      for target in [targets[0], targets[5]] {
        #expect(ServiceScene.all.contains(try scene.someone(at: target, from: .client(1))))
      }
      let close = try scene.answers(targets, from: .client(1), rounds: 3)
      #expect(Set(close).count == 1, "\(close)")
      let apart = try scene.answers(targets, from: .client(1), rounds: 3, pause: .milliseconds(2300))
      #expect(Set(apart).count > 1, "\(apart)")
    }
  }
}
