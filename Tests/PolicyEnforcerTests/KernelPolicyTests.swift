import NetworkTypes
import SwitchboardTesting
import Testing

/// Real packets between namespaces, by what the planner put into the kernel, against the oracle.
@Suite(.serialized) struct KernelPolicyTests {
  @Test(arguments: 1...6 as ClosedRange<UInt64>) func packetsMeetWhatTheOracleSays(_ number: UInt64) throws {
    let cluster = RandomPolicyCluster(seed: 1000 + number)
    let oracle = cluster.oracle
    // No sockets of SCTP in every kernel; its rules are traced.
    let questions = cluster.questions(700).filter { $0.transport != .sctp }
    #expect(questions.count > 300)
    let network = try PolicyNetwork(cluster, outsideAddresses: cluster.outsideAddresses(.v4))
    let wanted = questions.map {
      oracle.allows(from: $0.source, to: $0.destination, $0.transport, port: $0.port, family: .v4)
    }
    let found = try network.reaches(questions)
    let wrong = zip(questions, zip(wanted, found)).filter { $0.1.0 != $0.1.1 }
    let list = wrong.map { "\($0.0): the oracle says \($0.1.0), the kernel \($0.1.1)" }.joined(separator: "\n")
    #expect(wrong.isEmpty, "\(wrong.count) of \(questions.count), \(found.count { $0 }) through:\n\(list)\n\(cluster)")
  }
}
