import ClusterModel
import JSONTree
import LinuxKernel
import NFTables
import NetworkTypes
import ServiceProxy
import SwitchboardTesting
import Testing

/// Services that ask much of the proxy, beside one that wants to be left in peace.
@Suite(.serialized) struct KernelRoughServiceTests {
  let lab: ServiceLab
  private let address = at("10.96.0.20")
  private let table = Table(.ipv4, "switchboard-services")

  init() throws {
    lab = try ServiceLab()
    lab.feed.apply([service("web", ports: bothProtocols), slice("web", Array(ServiceLab.endpoints.prefix(2)))])
  }

  private func answers(_ target: SocketEndpoint) throws -> SocketEndpoint? {
    try lab.pod.run { Probe.ask(.tcp, target, patience: .milliseconds(500)) }.endpoint
  }

  @Test func aThousandPortsInOneService() async throws {
    let ports = (1...1000).map { ServiceModel.Port(name: "p\($0)", port: UInt16($0)) }
    var slice = EndpointSliceModel(name: name("huge"))
    slice.service = name("huge")
    slice.ports = ports.map { .init(name: $0.name, port: $0.port % 2 == 0 ? 8080 : 8081) }
    slice.endpoints = ServiceLab.endpoints.map { .init(address: $0.address) }
    lab.feed.apply([service("huge", "10.96.0.30", ports: ports), .endpointSlice(slice)])
    try await lab.withProxy { proxy async throws in
      #expect(proxy.first?.ports == 1002)
      #expect(try answers(at("10.96.0.30", 1000)) != nil)
      #expect(try answers(at("10.96.0.30", 999)) == nil)
      #expect(try answers(address) != nil)
      slice.endpoints.removeLast()
      lab.feed.apply([.endpointSlice(slice)])
      let sync = await proxy.sync()
      print("one of 10 endpoints of 1,000 ports left: \(sync!.planning) + \(sync!.programming)")
      // For each port a slot, and its entry with another class.
      #expect(sync?.elements == 3000)
    }
  }

  /// A hundred times a second, with timeouts nobody had before: each makes chains of its own.
  @Test func flappingLeavesNothingBehind() async throws {
    try await lab.withProxy { proxy async throws in
      let connection = try NFTConnection(in: lab.node)
      let before = try connection.chains(of: table).count
      var slowest = Duration.zero
      for round in 1...700 {
        lab.feed.apply([
          service("flappy", "10.96.0.31", ports: bothProtocols) {
            $0.affinitySeconds = round
            $0.kind = .loadBalancer
            $0.loadBalancerIPs = [IPAddress("198.51.100.7")!]
            $0.externalTrafficIsLocal = round % 2 == 0
          }, slice("flappy", Array(ServiceLab.endpoints.prefix(1 + round % 3))) { $0.nodeName = "node-1" },
        ])
        let sync = await proxy.sync()!
        slowest = max(slowest, sync.planning + sync.programming)
        if round % 100 == 0 { #expect(try answers(address) != nil) }
      }
      print("slowest of 700 rounds: \(slowest)")
      #expect(try connection.chains(of: table).count < before + 300)
      #expect(try answers(at("10.96.0.31")) != nil)
      lab.feed.apply([.serviceRemoved(name("flappy"))])
      await proxy.sync()
      #expect(try answers(address) != nil)
    }
  }

  @Test func malformedSlicesHarmTheirOwnServiceOnly() async throws {
    func object(_ ports: JSON, _ endpoints: JSON, type: JSON = "IPv4") -> ClusterEvent {
      .endpointSlice(
        EndpointSliceModel(
          object: [
            "metadata": [
              "namespace": "default", "name": "odd", "labels": ["kubernetes.io/service-name": "odd"],
            ], "addressType": type, "ports": ports, "endpoints": endpoints,
          ]))
    }
    let good: JSON = [["addresses": ["10.244.2.1"]]]
    lab.feed.apply([service("odd", "10.96.0.32")])
    try await lab.withProxy { proxy async throws in
      for event in [
        object([["port": 8080], ["port": 9, "name": ""]], [["addresses": []], ["addresses": ["10.244.2.1"]]]),
        object([["port": 0]], good), object([["port": 70_000]], good), object([["port": -1]], good),
        object([["port": "http"]], good), object("nonsense", good), object([["port": 8080]], "nonsense"),
        object([["port": 8080]], [["addresses": ["10.96.0.20"]], ["addresses": ["fd00::1"]], 7, JSON.null]),
        object([["port": 8080, "protocol": "QUIC"]], good),
        object([["port": 8080]], [["addresses": ["web.example"]]], type: "FQDN"),
        object([["port": 8080]], [["addresses": ["127.0.0.1"]], ["addresses": ["224.0.0.1"]]]),
      ] {
        // At once, for the proxy may put each part in force on its own.
        lab.feed.apply([event, service("other", "10.96.0.33"), slice("other", [ServiceLab.endpoints[0]])])
        await proxy.sync()
        #expect(try answers(address) != nil)
        #expect(try answers(at("10.96.0.33")) != nil)
        lab.feed.apply([.serviceRemoved(name("other"))])
        await proxy.sync()
      }
    }
  }
}
