import ClusterModel
import LinuxKernel
import NetworkTypes
import ServiceProxy
import SwitchboardTesting
import Testing

/// The cases of ``TrafficCase``, in the kernel.
@Suite(.serialized) struct KernelTrafficTests {
  @Test(arguments: TrafficCase.all) func kernelAgrees(_ traffic: TrafficCase) async throws {
    let lab = try ServiceLab(traffic.addresses)
    lab.feed.apply(traffic.events)
    try await lab.withProxy { _ async throws in
      for question in traffic.questions {
        for transport in [TransportProtocol.tcp, .udp] {
          try Self.check(lab, transport, question)
        }
      }
    }
  }

  private static func check(
    _ lab: ServiceLab, _ transport: TransportProtocol, _ question: TrafficCase.Question
  ) throws {
    let what = Comment("\(transport) from \(question.place) to \(question.target)")
    let namespace =
      switch question.place {
      case .pod: lab.pod
      case .node: lab.node
      case .outside: lab.outside
      }
    func ask(_ times: Int, _ patience: Duration = .seconds(3)) throws -> [ProbeResult] {
      try namespace.run { (0..<times).map { _ in Probe.ask(transport, question.target, patience: patience) } }
    }
    // A local UDP socket learns of a refusal, and of a drop, by EPERM.
    let isLocalUDP = question.place == .node && transport == .udp
    switch question.fate {
    case .refused: #expect(try ask(1) == [isLocalUDP ? .failed(1) : .refused], what)
    case .dropped: #expect(try ask(1, .milliseconds(100)) == [isLocalUDP ? .failed(1) : .timedOut], what)
    case .answered(let endpoints, let address):
      let results = try ask(endpoints.count == 1 ? 1 : 30)
      #expect(Set(results.map(\.endpoint)) == Set(endpoints.map { $0 }), what)
      #expect(Set(results.map(\.seenAs)) == [address], what)
    }
  }
}
