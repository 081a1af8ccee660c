import ClusterModel
import Glibc
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

  /// The first answer with this text in it, else the last of two seconds'. Nothing tells when a port is open, or has taken
  /// in what changed.
  private func eventually(
    _ text: String, _ lab: ServiceLab, _ path: String = "/", port: UInt16 = 32000
  ) async throws -> String {
    var answer = ""
    for _ in 0..<100 {
      answer = (try? get(lab, path, port: port)) ?? ""
      if answer.contains(text) { break }
      try await Task.sleep(for: .milliseconds(20))
    }
    return answer
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
      let none = try await eventually("503", lab)
      #expect(none.hasPrefix("HTTP/1.1 503"))
      #expect(none.contains("X-Load-Balancing-Endpoint-Weight: 0\n"))
      #expect(
        none.hasSuffix(
          "{\n\t\"service\": {\n\t\t\"namespace\": \"default\",\n\t\t\"name\": \"web\"\n\t},\n"
            + "\t\"localEndpoints\": 0,\n\t\"serviceProxyHealthy\": true\n}"))
      lab.feed.apply([slice("web", endpoints) { $0.nodeName = $0.address == endpoints[0].address ? nil : "node-1" }])
      let two = try await eventually("200", lab)
      #expect(two.hasPrefix("HTTP/1.1 200"))
      #expect(two.contains("X-Load-Balancing-Endpoint-Weight: 2\n"))
      #expect(two.contains("\"localEndpoints\": 2,"))
      lab.feed.apply([.serviceRemoved(name("web"))])
      for _ in 0..<100 where (try? get(lab, "/", port: 32000)) != nil { try await Task.sleep(for: .milliseconds(20)) }
      #expect(throws: (any Error).self) { try get(lab, "/", port: 32000) }
    }
  }

  @Test func portsThatWereTakenAreTriedAgain() async throws {
    let lab = try ServiceLab()
    var former = try [10256, 32000].map { port in
      try lab.node.run { try BoundSocket.stream(address: [0, 0, 0, 0], port: port).release() }
    }
    defer { for raw in former { close(raw) } }
    for raw in former { #expect(listen(raw, 1) == 0) }
    lab.feed.apply([service(), slice("web", Array(lab.addresses.endpoints.prefix(1))) { $0.nodeName = "node-1" }])
    try await lab.withProxy {
      $0.healthPort = 10256
      $0.healthRetryInterval = .milliseconds(50)
    } _: { _ async throws in
      for raw in former { close(raw) }
      former = []
      // Nothing of the cluster changes any more.
      for port: UInt16 in [10256, 32000] {
        let answer = try await eventually("200", lab, "/healthz", port: port)
        #expect(answer.hasPrefix("HTTP/1.1 200"), "\(port)")
      }
    }
  }

  @Test func aLeavingNodeIsUnhealthyAndItsProxyAlive() async throws {
    let lab = try ServiceLab()
    try await lab.withProxy {
      $0.healthPort = 10256
    } _: { proxy async throws in
      #expect(try await eventually("200", lab, "/healthz", port: 10256).hasPrefix("HTTP/1.1 200"))
      var node = lab.addresses.nodeModel
      node.isLeaving = true
      lab.feed.apply([.node(node)])
      let answer = try await eventually("503", lab, "/healthz", port: 10256)
      #expect(answer.hasPrefix("HTTP/1.1 503"))
      #expect(answer.contains("\"nodeEligible\": false"))
      #expect(try get(lab, "/livez", port: 10256).hasPrefix("HTTP/1.1 200"))
      #expect(try get(lab, "/other", port: 10256).hasPrefix("HTTP/1.1 404"))
      #expect(proxy.metrics.text.contains("kubeproxy_proxy_livez_total{code=\"200\"} 1\n"))
    }
  }
}
