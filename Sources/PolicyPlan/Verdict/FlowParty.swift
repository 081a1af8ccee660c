package import ClusterModel
package import NetworkTypes

/// One end of a flow: an address, and the pod it belongs to, if it is one's.
package struct FlowParty: Hashable, Sendable {
  package let address: IPAddress
  /// `nil` for what policies know by its address only: nodes, pods on their networks, and everything outside.
  package let pod: PodModel?

  package init(_ address: IPAddress, pod: PodModel? = nil) {
    self.address = address
    self.pod = pod.flatMap { $0.usesHostNetwork || $0.hasFinished ? nil : $0 }
  }
}

/// What opens a connection, as policies see it: addresses and ports after a Service's translation.
package struct PolicyFlow: Hashable, Sendable {
  package var source: FlowParty
  package var destination: FlowParty
  package var transport: TransportProtocol
  package var port: UInt16

  package init(from source: FlowParty, to destination: FlowParty, _ transport: TransportProtocol, _ port: UInt16) {
    self.source = source
    self.destination = destination
    self.transport = transport
    self.port = port
  }
}
