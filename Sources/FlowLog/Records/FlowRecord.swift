package import Conntrack
package import KubernetesAPI
package import NetworkTypes

/// One end of a flow, and whose it was when the flow was seen.
package struct FlowEnd: Hashable, Sendable {
  package var address: IPAddress
  /// `nil` for protocols without ports.
  package var port: UInt16?
  /// `nil` for what is known by its address only: nodes, pods on their networks, and everything outside.
  package var pod: ObjectName?
  /// The pod's node, or the node whose address it is; `nil` outside the cluster.
  package var node: String?

  package init(_ address: IPAddress, _ port: UInt16?, pod: ObjectName? = nil, node: String? = nil) {
    self.address = address
    self.port = port
    self.pod = pod
    self.node = node
  }
}

/// The Service that a flow was sent to.
package struct FlowService: Hashable, Sendable {
  package var name: ObjectName
  /// The Service's own port.
  package var port: UInt16

  package init(_ name: ObjectName, port: UInt16) {
    self.name = name
    self.port = port
  }
}

/// What the policies of one end said of a flow when it was seen.
package struct FlowJudgement: Hashable, Sendable {
  package var isAllowed: Bool
  package var text: String
  /// `KIND NAMESPACE/NAME`, where an object decides.
  package var object: String?
  /// The field of it, where one decides.
  package var field: String?

  package init(isAllowed: Bool, text: String, object: String? = nil, field: String? = nil) {
    self.isAllowed = isAllowed
    self.text = text
    self.object = object
    self.field = field
  }
}

/// A connection, or an attempt that policies dropped, as nodes saw it.
package struct FlowRecord: Hashable, Sendable {
  package enum Status: String, Hashable, Sendable {
    case live
    case ended
    /// Packets of it were dropped; it never was a connection.
    case dropped
  }

  /// Who tells of it: one node, or both ends' once they are joined.
  package var nodes: [String]
  /// Counts up on the node that tells.
  package var number: UInt64
  package var status: Status
  /// `TCP`, `UDP`, `SCTP`, `ICMP`, or a protocol's number.
  package var transport: String
  package var source: FlowEnd
  /// After translation: who gets the packets.
  package var target: FlowEnd
  /// Where it was sent, where that was translated.
  package var requested: SocketEndpoint?
  package var service: FlowService?
  /// Services it may have been sent to, where the kernel does not say what was translated: those that the target is an
  /// endpoint of.
  package var possibleServices: [FlowService] = []
  /// Whom the other end takes for the source, where that was translated.
  package var maskedSource: SocketEndpoint?
  /// What the sender's policies said; `nil` where no node that tells decides it.
  package var egress: FlowJudgement?
  /// What the receiver's policies said.
  package var ingress: FlowJudgement?
  package var tcpState: String?
  package var isAnswered: Bool
  /// What went towards the target and what came back; `nil` where it is not known (yet).
  package var sent: ConntrackEntry.Traffic?
  package var answered: ConntrackEntry.Traffic?
  /// How many dropped packets the log told of.
  package var droppedPackets: Int
  /// `nil` for what began before it could be seen.
  package var since: Timestamp?
  /// When it ended or was last dropped; for a live one, when the kernel last told of it.
  package var until: Timestamp

  package init(
    node: String, number: UInt64 = 0, status: Status, transport: String, from source: FlowEnd, to target: FlowEnd,
    until: Timestamp
  ) {
    nodes = [node]
    self.number = number
    self.status = status
    self.transport = transport
    self.source = source
    self.target = target
    self.until = until
    isAnswered = false
    droppedPackets = 0
  }

  package var isAllowed: Bool { status != .dropped }
}

extension Timestamp {
  /// Of nanoseconds since 1970.
  package init(nanoseconds: Int64) {
    self.init(seconds: nanoseconds / 1_000_000_000, nanoseconds: Int32(nanoseconds % 1_000_000_000))
  }
}
