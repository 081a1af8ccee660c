import ClusterModel
import LinuxKernel
import NetworkTypes
import ServiceProxy
import SwitchboardTesting
import Testing

/// What load balancers outside are told.
@Suite(.serialized) struct KernelHealthTests {
  /// The answer, headers included, as it comes over the wire.
  private func get(_ lab: ServiceLab, _ path: String, port: UInt16) throws -> String {
    let address = lab.addresses.node
    let host = address.family == .v4 ? "\(address)" : "[\(address)]"
    return try lab.outside.command("curl", "-sSi", "-g", "--max-time", "3", "http://\(host):\(port)\(path)")
      .replacing("\r\n", with: "\n")
  }

  private func service() -> ClusterEvent {
    ServiceProxyTests.service("web") {
      $0.kind = .loadBalancer
      $0.externalTrafficIsLocal = true
      $0.healthCheckNodePort = 32000
    }
  }

  @Test(arguments: [LabAddresses.v4, .v6]) func endpointsHereAreCounted(_ addresses: LabAddresses) async throws {
    let lab = try ServiceLab(addresses)
    let endpoints = Array(addresses.endpoints.prefix(3))
    lab.feed.apply([service(), slice("web", endpoints) { $0.nodeName = "node-2" }])
    try await lab.withProxy { proxy async throws in
      func eventually(_ text: String) async throws -> String {
        var answer = ""
        for _ in 0..<100 {
          // Until the port is open; then the answer is what it is.
          answer = (try? get(lab, "/", port: 32000)) ?? ""
          if answer.contains(text) { break }
          try await Task.sleep(for: .milliseconds(20))
        }
        return answer
      }
      let none = try await eventually("503")
      #expect(none.hasPrefix("HTTP/1.1 503"))
      #expect(none.contains("X-Load-Balancing-Endpoint-Weight: 0\n"))
      #expect(
        none.hasSuffix(
          "{\n\t\"service\": {\n\t\t\"namespace\": \"default\",\n\t\t\"name\": \"web\"\n\t},\n"
            + "\t\"localEndpoints\": 0,\n\t\"serviceProxyHealthy\": true\n}"))
      lab.feed.apply([slice("web", endpoints) { $0.nodeName = $0.address == endpoints[0].address ? nil : "node-1" }])
      let two = try await eventually("200")
      #expect(two.hasPrefix("HTTP/1.1 200"))
      #expect(two.contains("X-Load-Balancing-Endpoint-Weight: 2\n"))
      #expect(two.contains("\"localEndpoints\": 2,"))
      lab.feed.apply([.serviceRemoved(name("web"))])
      for _ in 0..<100 where (try? get(lab, "/", port: 32000)) != nil { try await Task.sleep(for: .milliseconds(20)) }
      #expect(throws: (any Error).self) { try get(lab, "/", port: 32000) }
    }
  }

  @Test func aLeavingNodeIsUnhealthyAndItsProxyAlive() async throws {
    let lab = try ServiceLab()
    try await lab.withProxy {
      $0.healthPort = 10256
    } _: { proxy async throws in
      #expect(try get(lab, "/healthz", port: 10256).hasPrefix("HTTP/1.1 200"))
      var node = lab.addresses.nodeModel
      node.isLeaving = true
      lab.feed.apply([.node(node)])
      var answer = ""
      for _ in 0..<100 {
        answer = try get(lab, "/healthz", port: 10256)
        if answer.contains("503") { break }
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(answer.hasPrefix("HTTP/1.1 503"))
      #expect(answer.contains("\"nodeEligible\": false"))
      #expect(try get(lab, "/livez", port: 10256).hasPrefix("HTTP/1.1 200"))
      #expect(try get(lab, "/other", port: 10256).hasPrefix("HTTP/1.1 404"))
      #expect(proxy.metrics.text.contains("kubeproxy_proxy_livez_total{code=\"200\"} 1\n"))
    }
  }
}
