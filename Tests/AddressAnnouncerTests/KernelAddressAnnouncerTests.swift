import ClusterModel
import LinuxKernel
import Netlink
import NetworkTypes
import SwitchboardTesting
import Testing

@testable import AddressAnnouncer

@Suite(.serialized, .timeLimit(.minutes(2))) final class KernelAddressAnnouncerTests {
  /// Runs an announcer for each node while `body` runs; the body may stop single ones.
  private func withAnnouncers(
    _ lab: AnnouncerLab, _ feed: ClusterFeed, _ body: ([Task<Void, any Error>]) async throws -> Void
  ) async throws {
    let tasks = try lab.nodes.indices.map { index in
      let announcer = try lab.announcer(index, feed)
      // Joined below.
      return Task { try await announcer.run() }
    }
    let outcome: Result<Void, any Error>
    do {
      try await body(tasks)
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    for task in tasks { task.cancel() }
    for task in tasks { _ = await task.result }
    try outcome.get()
  }

  @Test func oneNodeAnswersAndRefusesWhatNoServiceHas() async throws {
    let lab = try AnnouncerLab(nodes: 3)
    let servers = try lab.nodes.map { try EchoServer([SocketEndpoint(IPAddress("0.0.0.0")!, 8080)], in: $0) }
    defer { for server in servers { server.stop() } }
    try await withAnnouncers(lab, lab.feed()) { _ async throws in
      let holder = try #require(try await lab.holder())
      // The client need not wait, and the node's own port is not reached.
      let target = SocketEndpoint(AnnouncerLab.address, 8080)
      for transport in [TransportProtocol.tcp, .udp] {
        #expect(try lab.client.run { Probe.ask(transport, target) } == .refused)
      }
      #expect(try lab.neighbour(AnnouncerLab.address) == holder)
      let holderV6 = try await lab.holder(of: AnnouncerLab.addressV6)
      #expect(try await lab.askForNeighbour(AnnouncerLab.addressV6) == holderV6)
      // At its own address it is.
      let own = SocketEndpoint(IPAddress("192.0.2.\(11 + holder)")!, 8080)
      #expect(try lab.client.run { Probe.ask(.tcp, own) }.endpoint != nil)
    }
  }

  /// Processes of the node that ask for the address do so from it, wherever Service rules lead them.
  @Test func theNodeIsAnsweredWhereItAsksFromTheAddress() async throws {
    let lab = try AnnouncerLab(nodes: 1)
    let answerer = SocketEndpoint(IPAddress("192.0.2.1")!, 8080)
    let server = try EchoServer([answerer], in: lab.client)
    defer { server.stop() }
    try await withAnnouncers(lab, lab.feed()) { _ async throws in
      #expect(try await lab.holder() == 0)
      for transport in [TransportProtocol.tcp, .udp] {
        let result = try lab.nodes[0].run {
          try Probe(transport, from: SocketEndpoint(AnnouncerLab.address, 0)).ask(answerer)
        }
        #expect(result.seenAs == AnnouncerLab.address, "\(transport): \(result)")
      }
      // A port that no Service has is refused to it as well, and it need not wait.
      let nobody = SocketEndpoint(AnnouncerLab.address, 8081)
      #expect(try lab.nodes[0].run { Probe.ask(.tcp, nobody) } == .refused)
    }
  }

  @Test func nothingIsSentFromTheAddress() async throws {
    let lab = try AnnouncerLab(nodes: 1)
    try await withAnnouncers(lab, lab.feed()) { _ async throws in
      #expect(try await lab.holder() == 0)
      #expect(try await lab.holder(of: AnnouncerLab.addressV6) == 0)
      for (target, own) in [("192.0.2.1", "192.0.2.11"), ("192.0.2.250", "192.0.2.11"), ("2001:db8::1", "2001:db8::b")]
      {
        let route = try lab.nodes[0].command("ip", "route", "get", target)
        #expect(route.contains(" src \(own) "), "\(route)")
      }
    }
  }

  @Test func aNodeThatDiesIsReplacedWithinASecond() async throws {
    let lab = try AnnouncerLab(nodes: 3)
    try await withAnnouncers(lab, lab.feed()) { tasks async throws in
      let holder = try #require(try await lab.holder())
      #expect(try await lab.askForNeighbour(AnnouncerLab.address) == holder)
      // Its link goes first, as when all of a machine ends at once: it can tell nobody.
      let inside = try RouteSocket(in: lab.nodes[holder])
      try inside.apply { $0.deleteLink(named: "eth0") }
      let start = ContinuousClock.now
      tasks[holder].cancel()
      let successor = try #require(try await lab.holder(besides: holder))
      let taken = ContinuousClock.now - start
      // The client's kernel tells nobody what it has learnt.
      while try lab.neighbour(AnnouncerLab.address) != successor, ContinuousClock.now - start < .seconds(5) {
        try await Task.sleep(for: .milliseconds(5))
      }
      let noticed = ContinuousClock.now - start
      print("an address passed on after \(taken), and its client knew after \(noticed)")
      #expect(noticed < .seconds(3))
      #expect(try lab.neighbour(AnnouncerLab.address) == successor)
    }
  }

  @Test func aRestartIsNotNoticed() async throws {
    let lab = try AnnouncerLab(nodes: 2, interval: .milliseconds(800))
    let feed = lab.feed()
    try await withAnnouncers(lab, feed) { tasks async throws in
      let holder = try #require(try await lab.holder())
      tasks[holder].cancel()
      _ = await tasks[holder].result
      #expect(try lab.holders(of: AnnouncerLab.address) == [holder])
      let successor = try lab.announcer(holder, feed)
      let task = Task { try await successor.run() }
      let end = ContinuousClock.now + .milliseconds(1500)
      // What must not happen at any moment is looked for at many.
      while ContinuousClock.now < end {
        #expect(try lab.holders(of: AnnouncerLab.address) == [holder])
        try await Task.sleep(for: .milliseconds(20))
      }
      task.cancel()
      _ = await task.result
    }
  }

  @Test func whoGoesOnTakesNothingFromTheOthers() async throws {
    let lab = try AnnouncerLab(nodes: 2, interval: .milliseconds(400))
    let addresses = (200..<216).map { IPAddress("192.0.2.\($0)")! }
    let feed = lab.feed(addresses: addresses)
    try await withAnnouncers(lab, feed) { tasks async throws in
      for address in addresses { _ = try #require(try await lab.holder(of: address)) }
      let before = try addresses.map { try lab.holders(of: $0) }
      #expect(Set(before).count == 2, "both have some")
      tasks[0].cancel()
      _ = await tasks[0].result
      let successor = try lab.announcer(0, feed)
      let task = Task { try await successor.run() }
      let end = ContinuousClock.now + .milliseconds(1200)
      // What must not happen at any moment is looked for at many.
      while ContinuousClock.now < end {
        #expect(try addresses.map { try lab.holders(of: $0) } == before)
        try await Task.sleep(for: .milliseconds(20))
      }
      task.cancel()
      _ = await task.result
    }
  }

  @Test func whatNobodyRenewsGoesByItself() async throws {
    let lab = try AnnouncerLab(nodes: 1)
    try await withAnnouncers(lab, lab.feed()) { _ async throws in
      #expect(try await lab.holder() == 0)
      #expect(try await lab.holder(of: AnnouncerLab.addressV6) == 0)
    }
    let end = ContinuousClock.now + .seconds(12)
    while ContinuousClock.now < end,
      try !(lab.holders(of: AnnouncerLab.address) + lab.holders(of: AnnouncerLab.addressV6)).isEmpty
    { try await Task.sleep(for: .milliseconds(50)) }
    #expect(try lab.holders(of: AnnouncerLab.address).isEmpty)
    #expect(try lab.holders(of: AnnouncerLab.addressV6).isEmpty)
  }

  @Test func addressesOfServicesThatWentAreGivenUp() async throws {
    let lab = try AnnouncerLab(nodes: 1)
    let feed = lab.feed()
    try await withAnnouncers(lab, feed) { _ async throws in
      #expect(try await lab.holder() == 0)
      let other = IPAddress("192.0.2.231")!
      feed.apply([AnnouncerLab.service([other])])
      #expect(try await lab.holder(of: other) == 0)
      #expect(try lab.holders(of: AnnouncerLab.address).isEmpty)
      feed.apply([AnnouncerLab.service([])])
      let end = ContinuousClock.now + .seconds(2)
      while ContinuousClock.now < end, try !lab.holders(of: other).isEmpty {
        try await Task.sleep(for: .milliseconds(5))
      }
      #expect(try lab.holders(of: other).isEmpty)
    }
    // One that comes later finds an address that nobody wants any more.
    let link = try RouteSocket(in: lab.nodes[0])
    try link.apply { $0.lease(LeasedAddress(AnnouncerLab.address, link: try! link.index(of: "eth0"), seconds: 60)) }
    try await withAnnouncers(lab, lab.feed(addresses: [])) { _ async throws in
      let end = ContinuousClock.now + .seconds(2)
      while ContinuousClock.now < end, try !lab.holders(of: AnnouncerLab.address).isEmpty {
        try await Task.sleep(for: .milliseconds(5))
      }
      #expect(try lab.holders(of: AnnouncerLab.address).isEmpty)
    }
  }

  @Test func strangersAreNotHeard() async throws {
    let lab = try AnnouncerLab(nodes: 2)
    // The client says that it is node-2, and would have every address if it were believed.
    let forged = Heartbeat(
      node: "node-2", isCandidate: true, interval: .milliseconds(150), links: [CIDR("192.0.2.0/24")!])
    let feed = lab.feed()
    let announcer = try lab.announcer(0, feed)
    let task = Task { try await announcer.run() }
    let raw = try lab.client.run {
      try BoundSocket.datagram(address: IPAddress("192.0.2.1")!.bytes, port: 7762).release()
    }
    let socket = FileDescriptor(adopting: raw)
    let end = ContinuousClock.now + .seconds(2)
    while ContinuousClock.now < end {
      try Datagram.send(forged.bytes, to: IPAddress("192.0.2.11")!.bytes, port: 7762, on: socket)
      try await Task.sleep(for: .milliseconds(50))
    }
    #expect(try lab.holders(of: AnnouncerLab.address) == [0])
    #expect(try lab.holders(of: AnnouncerLab.addressV6) == [0])
    task.cancel()
    _ = await task.result
  }
}
