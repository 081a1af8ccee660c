import ClusterModel
import Conntrack
import LinuxKernel
import NetworkTypes
import ServiceProxy
import SwitchboardTesting
import Synchronization
import Testing

/// What clients notice while things change: nothing.
@Suite(.serialized) struct KernelServiceChangeTests {
  let lab: ServiceLab
  let address = at("10.96.0.20")

  init() throws { lab = try ServiceLab() }

  /// Connects again and again on a thread of its own until told to stop.
  private func hammer(_ stop: Flag) -> Task<[ProbeResult: Int], any Error> {
    let lab = lab
    let address = address
    let answered = answered
    return Task {
      let results = Results()
      try await BlockingThread.run {
        try lab.pod.run {
          while !stop.isSet {
            let result = Probe.ask(.tcp, address)
            results.count(result.endpoint == nil ? result : answered)
          }
        }
      }
      return results.counts
    }
  }

  private var answered: ProbeResult { .answered(by: address, seenAs: address.address) }

  @Test func churnLosesNoConnection() async throws {
    lab.feed.apply([service("web", ports: bothProtocols), slice("web", ServiceLab.endpoints)])
    try await lab.withProxy { proxy async throws in
      let stop = Flag()
      let client = hammer(stop)
      var changes = 0
      let end = ContinuousClock.now + .seconds(2)
      while ContinuousClock.now < end {
        // Never empty: from one endpoint to all ten and back.
        lab.feed.apply([slice("web", Array(ServiceLab.endpoints.shuffled().prefix(1 + changes % 10)))])
        await proxy.sync()
        changes += 1
      }
      stop.set()
      let counts = try await client.value
      print("churn: \(changes) changes under \(counts[answered] ?? 0) connections")
      #expect(Set(counts.keys) == [answered], "\(counts)")
      // A first packet that got away untranslated would leave an entry answered by the Service address itself.
      let flows = try ConntrackConnection(in: lab.node).flows(.tcp, .v4, to: address)
      #expect(flows.allSatisfy { $0.answerSource != address })
    }
  }

  @Test func restartAdoptsWithoutLosingAConnection() async throws {
    lab.feed.apply([
      service("web", ports: bothProtocols) { $0.affinitySeconds = 600 }, slice("web", ServiceLab.endpoints),
      service("other", "10.96.0.21"), service("gone", "10.96.0.22"),
    ])
    let stop = Flag()
    var running: Task<[ProbeResult: Int], any Error>?
    try await lab.withProxy { proxy async throws in
      #expect(proxy.first?.wasAdopted == false)
      running = hammer(stop)
    }
    for round in 0..<5 {
      if round == 3 { lab.feed.apply([.serviceRemoved(name("gone")), service("new", "10.96.0.23")]) }
      try await lab.withProxy { proxy async throws in
        #expect(proxy.first?.wasAdopted == true)
        // The second time something changed while nobody watched: one entry went, one came.
        #expect(proxy.first?.elements == (round == 3 ? 2 : 0))
        #expect(proxy.first?.ports == 4)
      }
    }
    stop.set()
    let counts = try await running!.value
    #expect(Set(counts.keys) == [answered], "\(counts)")
    #expect(counts[answered]! > 50)
    // With nobody programming, everything is still in force.
    #expect(try lab.pod.run { Probe.ask(.tcp, address) }.endpoint != nil)
    #expect(try lab.pod.run { Probe.ask(.tcp, at("10.96.0.23")) } == .refused)
  }

  @Test func tableChangedByOthersIsMended() async throws {
    lab.feed.apply([service("web", ports: bothProtocols), slice("web", ServiceLab.endpoints)])
    try await lab.withProxy { proxy async throws in
      try lab.node.command("nft", "flush", "map", "ip", "switchboard-services", "slots")
      #expect(try lab.pod.run { try Probe(.tcp, patience: .milliseconds(100)).ask(address) } == .timedOut)
      lab.feed.apply([slice("web", Array(ServiceLab.endpoints.prefix(3)))])
      let sync = await proxy.sync()
      #expect(sync?.wasAdopted == true)
      #expect(try lab.pod.run { Probe.ask(.tcp, address) }.endpoint != nil)
      try lab.node.command("nft", "delete", "table", "ip", "switchboard-services")
      lab.feed.apply([slice("web", Array(ServiceLab.endpoints.prefix(2)))])
      #expect(await proxy.sync()?.wasAdopted == false)
      #expect(try lab.pod.run { Probe.ask(.tcp, address) }.endpoint != nil)
    }
  }

  @Test func costOfAChangeIsFlat() async throws {
    func services(_ range: Range<Int>) -> [ClusterEvent] {
      range.flatMap { index -> [ClusterEvent] in
        let endpoints = (0..<10).map {
          SocketEndpoint(IPAddress(family: .v4, value: UInt128(0x0ac8_0000 + index * 10 + $0)), 8080)
        }
        let address = IPAddress(family: .v4, value: UInt128(0x0a60_1000 + index))
        return [service("s\(index)", address.description), slice("s\(index)", endpoints)]
      }
    }
    lab.feed.apply([service("web"), slice("web", Array(ServiceLab.endpoints.prefix(2)))] + services(0..<1000))
    try await lab.withProxy { proxy async throws in
      print(
        "1,000 Services x 10: planned in \(proxy.first!.planning), programmed in \(proxy.first!.programming)")
      var times: [Duration] = []
      for round in 0..<200 {
        let start = ContinuousClock.now
        lab.feed.apply([slice("web", [ServiceLab.endpoints[round % 10]])])
        let result = try await BlockingThread.run { [lab, address] in
          try lab.pod.run { () -> ProbeResult in
            // Until the first connection reaches the new endpoint.
            while true {
              let result = Probe.ask(.tcp, address)
              if result.endpoint == ServiceLab.endpoints[round % 10] { return result }
            }
          }
        }
        times.append(ContinuousClock.now - start)
        #expect(result.endpoint == ServiceLab.endpoints[round % 10])
        let sync = await proxy.sync()
        #expect(sync?.elements == (round == 0 ? 3 : 2))
      }
      times.sort()
      print("change -> first connection to the new endpoint: p50 \(times[100]), p99 \(times[198])")
    }
  }
}

final class Flag: Sendable {
  private let state = Atomic(false)
  var isSet: Bool { state.load(ordering: .acquiring) }
  func set() { state.store(true, ordering: .releasing) }
}

private final class Results: Sendable {
  private let state = Mutex<[ProbeResult: Int]>([:])
  var counts: [ProbeResult: Int] { state.withLock { $0 } }
  func count(_ result: ProbeResult) { state.withLock { $0[result, default: 0] += 1 } }
}
