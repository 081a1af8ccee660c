package import ClusterModel
package import KubernetesAPI
package import Netlink
package import NetworkTypes
package import PolicyPlan

/// What a packet meets on the node it arrives at: the receiver's policies, and whether anybody listens.
package struct Arrival: Sendable {
  package let destination: SocketEndpoint
  private let transport: TransportProtocol
  private let judge: PolicyJudge
  private let flow: PolicyFlow
  private let sendingNode: String?

  /// - Parameters:
  ///   - sendingNode: the node whose own process sends.
  ///   - judge: of the node that the packet arrives at.
  package init(
    from source: IPAddress, to destination: SocketEndpoint, _ transport: TransportProtocol, sendingNode: String?,
    _ judge: PolicyJudge
  ) {
    self.destination = destination
    self.transport = transport
    self.sendingNode = sendingNode
    self.judge = judge
    flow = PolicyFlow(
      from: judge.party(source), to: judge.party(destination.address), transport, destination.port)
  }

  /// The pod that gets the packet; `nil` where the node itself does.
  package var pod: ObjectName? {
    judge.nameServer.addresses.contains(destination.address) ? nil : flow.destination.pod?.name
  }

  package var ingress: ExplainStep {
    PolicyWords(judge, flow).step(.ingress, judge.ingress(flow, fromNode: sendingNode))
  }

  /// - Parameter sockets: those of the receiver's network namespace; `nil` where they are not known.
  package func listening(_ sockets: [ListeningSocket]?) -> ExplainStep {
    if transport == .sctp { return ExplainStep(.listening, .unknown, "who listens by SCTP is not looked at") }
    guard let sockets else { return ExplainStep(.listening, .unknown, "the node does not know the receiver's sockets") }
    let fits = sockets.filter { $0.transport == transport && $0.port == destination.port }
    if fits.contains(where: { $0.takes(destination.address) }) {
      return ExplainStep(.listening, .passes, "somebody listens at port \(destination.port)/\(transport.rawValue)")
    }
    if let other = fits.first {
      return ExplainStep(
        .listening, .blocks,
        "somebody listens at port \(destination.port)/\(transport.rawValue), but at \(other.address) only")
    }
    let others = Set(sockets.filter { $0.transport == transport && !$0.address.isLoopback }.map(\.port)).sorted()
    let list = others.isEmpty ? "nothing does at any" : "there is at \(others.map(String.init).joined(separator: ", "))"
    return ExplainStep(.listening, .blocks, "nobody listens at port \(destination.port)/\(transport.rawValue); \(list)")
  }
}
