package import ClusterModel
package import KubernetesAPI
package import NetworkTypes

/// A flow that the policies of one of its ends forbid. Flows that differ in the sender's port only are the same.
package struct PolicyDenial: Hashable, Sendable {
  package let direction: PolicyDirection
  /// The pod whose policies forbid it.
  package let pod: ObjectName
  /// The policies that isolate the pod; no rule of theirs allows the flow.
  package private(set) var policies: [ObjectName]
  /// The other end's pod, if it is one, and its address where it is none.
  package let peer: Peer
  package let transport: TransportProtocol
  /// The destination's, after translation.
  package let port: UInt16

  package enum Peer: Hashable, Sendable, CustomStringConvertible {
    case pod(ObjectName)
    case address(IPAddress)

    package var description: String {
      switch self {
      // The pod that stands for the cluster's own DNS has no name.
      case .pod(let name): name.name.isEmpty ? "the cluster's DNS" : "pod \(name)"
      case .address(let address): "\(address)"
      }
    }
  }

  package init(_ direction: PolicyDirection, of pod: ObjectName, by policies: [ObjectName], _ flow: PolicyFlow) {
    self.direction = direction
    self.pod = pod
    self.policies = policies
    let peer = direction == .ingress ? flow.source : flow.destination
    self.peer = peer.pod.map { .pod($0.name) } ?? .address(peer.address)
    transport = flow.transport
    port = flow.port
  }

  /// The same as by some of its policies; `nil` where those have no part in it.
  package func keeping(_ isKept: (ObjectName) -> Bool) -> PolicyDenial? {
    var denial = self
    denial.policies = policies.filter(isKept)
    return denial.policies.isEmpty ? nil : denial
  }

  /// Of a policy that is tried out.
  package var words: String {
    let preposition = direction == .ingress ? "from" : "to"
    return "tried out only, it would deny \(direction.rawValue) of pod \(pod) \(preposition) \(peer), "
      + "\(transport.rawValue) port \(port)"
  }
}
