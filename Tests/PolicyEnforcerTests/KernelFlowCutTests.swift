import ClusterModel
import Conntrack
import Glibc
import JSONTree
import KubernetesAPI
import LinuxKernel
import Logging
import Netlink
import NetworkTypes
import SwitchboardTesting
import Testing

@testable import PolicyEnforcer

/// Connections that are there when a policy comes to forbid them, with real packets through a node.
@Suite struct KernelFlowCutTests {
  private static let port: UInt16 = 8080

  /// A node with the pods `shop/web` and `shop/client`, which enforces the policies of its feed.
  private struct Node {
    let node: NetworkNamespace
    let web: NetworkNamespace
    let client: NetworkNamespace
    let feed = ClusterFeed()
    let tracking: ConntrackConnection

    init(isLoose: Bool = false) throws {
      node = try NetworkNamespace.create()
      let settings = [
        ("net/ipv4/ip_forward", "1"), ("net/netfilter/nf_conntrack_tcp_loose", isLoose ? "1" : "0"),
      ]
      try node.run { for (name, value) in settings { _ = try Sysctl.set(name, to: value) } }
      web = try Self.pod(PolicyObjects.web, "web", on: node)
      client = try Self.pod(PolicyObjects.client, "client", on: node)
      tracking = try ConntrackConnection(in: node)
      feed.apply(PolicyObjects.cluster)
      feed.markSynced()
    }

    private static func pod(_ address: IPAddress, _ name: String, on node: NetworkNamespace) throws -> NetworkNamespace
    {
      let namespace = try NetworkNamespace.create()
      let (outside, inside) = (try RouteSocket(in: node), try RouteSocket(in: namespace))
      let gateway = IPAddress("169.254.1.1")!
      try outside.apply {
        $0.createVeth(.init(name: name), peer: .init(name: "eth0", namespace: namespace.descriptor.rawValue))
      }
      let (link, own) = (try outside.index(of: name), try inside.index(of: "eth0"))
      try outside.apply {
        $0.add(InterfaceAddress(gateway, link: link))
        $0.setUp(link)
        $0.add(Route(to: CIDR(host: address), link: link))
      }
      try inside.apply {
        $0.setUp(own)
        $0.add(InterfaceAddress(address, link: own))
        var route = Route(to: CIDR(IPAddress(v4: 0, 0, 0, 0), prefixLength: 0)!, via: gateway, link: own)
        route.gatewayIsOnLink = true
        $0.add(route)
      }
      for (socket, name) in [(outside, name), (inside, "eth0")] { _ = try socket.hasCarrier(name) }
      return namespace
    }

    /// Enforces while `body` runs.
    func enforcing(_ body: () async throws -> Void) async throws {
      var configuration = PolicyEnforcer.Configuration(nodeName: "node-1")
      configuration.families = [.v4]
      configuration.namespace = node
      configuration.settlingTime = .milliseconds(400)
      let inForce = SnapshotsInForce(parts: PolicyEnforcer.parts(of: configuration))
      let enforcer = PolicyEnforcer(configuration, feed: feed, inForce: inForce, logger: Logger(label: "policies"))
      let running = Task { try await enforcer.run() }
      defer { running.cancel() }
      // Before there are rules nothing is tracked.
      #expect(await inForce.wait(atMost: .seconds(20)) { _ in true })
      try await body()
    }

    func deny() throws {
      feed.apply([
        try PolicyObjects.event(
          .networkPolicies, PolicyObjects.policy("deny", ["podSelector": ["matchLabels": ["app": "web"]]]))
      ])
    }

    func allow() {
      feed.apply([.policyRemoved(.init(namespace: "shop", name: "deny"))])
    }

    func flows(_ transport: TransportProtocol) throws -> [ConntrackFlow] {
      try tracking.flows(transport, .v4).filter { $0.destination == SocketEndpoint(PolicyObjects.web, port) }
    }

    /// Whether the kernel comes to forget the flows.
    func forgets(_ transport: TransportProtocol) async throws -> Bool {
      let end = ContinuousClock.now + .seconds(20)
      // Nothing tells when they are cut.
      while try !flows(transport).isEmpty, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(20)) }
      return try flows(transport).isEmpty
    }
  }

  /// One end of a connection; sends and reads a byte at a time.
  private final class End: Sendable {
    private let socket: FileDescriptor

    init(_ socket: consuming FileDescriptor) {
      self.socket = socket
      var limit = timeval(tv_sec: 0, tv_usec: 500_000)
      setsockopt(
        self.socket.rawValue, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    func send() {
      var byte: UInt8 = 1
      Glibc.send(socket.rawValue, &byte, 1, Int32(MSG_NOSIGNAL))
    }

    /// Whether something comes within half a second.
    func hears() -> Bool {
      var byte: UInt8 = 0
      return recv(socket.rawValue, &byte, 1, 0) == 1
    }
  }

  /// Asks from one socket.
  private final class Asker: Sendable {
    private let probe: Probe

    init() throws { probe = try Probe(.udp, patience: .milliseconds(100)) }

    func ask(_ target: SocketEndpoint) { _ = probe.ask(target) }
  }

  private func connection(_ node: Node) throws -> (client: End, server: End) {
    let listener = try node.web.run {
      let socket = try BoundSocket.stream(address: PolicyObjects.web.bytes, port: Self.port)
      #expect(listen(socket.rawValue, 1) == 0)
      return socket.release()
    }
    defer { close(listener) }
    let client = try node.client.run {
      try ConnectedSocket.stream(to: PolicyObjects.web.bytes, port: Self.port, seconds: 5).release()
    }
    let server = try systemCall("accept") { accept(listener, nil, nil) }
    return (End(FileDescriptor(adopting: client)), End(FileDescriptor(adopting: server)))
  }

  /// The server goes on sending: where the kernel takes connections up in their midst, that revives what was cut.
  @Test(arguments: [false, true]) func aConnectionThatWasCutStaysCutWhoeverSends(_ isLoose: Bool) async throws {
    let node = try Node(isLoose: isLoose)
    try await node.enforcing {
      let (client, server) = try connection(node)
      client.send()
      #expect(server.hears())
      server.send()
      #expect(client.hears())
      try node.deny()
      #expect(try await node.forgets(.tcp))
      // A segment of no connection, which the Service rules of a whole node drop.
      server.send()
      _ = client.hears()
      client.send()
      #expect(server.hears() == isLoose)
      let revived = try node.tracking.flows(.tcp, .v4)
      #expect(revived.isEmpty != isLoose)
    }
  }

  @Test func datagramsOfAFlowThatWasCutDoNotArrive() async throws {
    let node = try Node()
    try await node.enforcing {
      let target = SocketEndpoint(PolicyObjects.web, Self.port)
      let server = End(
        FileDescriptor(
          adopting: try node.web.run {
            try BoundSocket.datagram(address: target.address.bytes, port: target.port).release()
          }))
      let client = try node.client.run { try Asker() }
      client.ask(target)
      #expect(server.hears())
      try node.deny()
      #expect(try await node.forgets(.udp))
      client.ask(target)
      #expect(!server.hears())
      node.allow()
      var hears = false
      // Nothing tells when the policy is gone from the kernel.
      for _ in 0..<20 where !hears {
        client.ask(target)
        hears = server.hears()
      }
      #expect(hears)
    }
  }

  /// A policy that is replaced forbids for a moment what it allows before and after.
  @Test func aMomentCutsNothing() async throws {
    let node = try Node()
    try await node.enforcing {
      let (client, server) = try connection(node)
      for _ in 0..<5 {
        try node.deny()
        try await Task.sleep(for: .milliseconds(60))
        node.allow()
        try await Task.sleep(for: .milliseconds(60))
      }
      try await Task.sleep(for: .seconds(1))
      client.send()
      #expect(server.hears())
      #expect(try node.flows(.tcp).count == 1)
    }
  }
}
