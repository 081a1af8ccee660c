package import NFTables
package import NetworkTypes

/// A packet, as far as rules look at it; most often the one that opens a flow.
package struct TracedPacket: Hashable, Sendable {
  package var source: SocketEndpoint
  package var destination: SocketEndpoint
  package var transport: TransportProtocol
  package var mark: UInt32 = 0
  /// What connection tracking makes of it: bits of `ct state`, `linux/netfilter/nf_conntrack_common.h`.
  package enum State: Hashable, Sendable {
    case invalid
    case established
    case new

    var bit: UInt32 {
      switch self {
      case .invalid: 1
      case .established: 2
      case .new: 8
      }
    }
  }

  package var state = State.new
  /// The interface it came in by; 1 is the loopback interface, `nil` what the node itself sends.
  package var inputInterface: UInt32?
  /// Where the flow went before translation; `nil` while nothing was translated.
  package var originalDestination: SocketEndpoint?

  package init(
    _ transport: TransportProtocol, from source: SocketEndpoint, to destination: SocketEndpoint
  ) {
    self.transport = transport
    self.source = source
    self.destination = destination
  }

  /// The bytes of the network header, as far as there is anything in them.
  var networkHeader: [UInt8] {
    if source.address.family == .v4 {
      return [0x45] + [UInt8](repeating: 0, count: 8) + [transport.number, 0, 0] + source.address.bytes
        + destination.address.bytes
    }
    return [0x60, 0, 0, 0, 0, 0, transport.number, 64] + source.address.bytes + destination.address.bytes
  }

  var transportHeader: [UInt8] {
    [source.port, destination.port].flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
  }
}

/// What the rules of a hook did to a packet.
package struct PacketTrace: Hashable, Sendable {
  package enum Outcome: Hashable, Sendable {
    case passed
    case dropped
    case refused(Rejection)
  }

  package var outcome = Outcome.passed
  /// The packet as it leaves the hook.
  package var packet: TracedPacket
  /// New source address: chosen by a rule, or `masqueraded`.
  package var sourceAddress: IPAddress?
  package var isMasqueraded = false
  /// The prefixes under which rules told of it.
  package var logged: [String] = []
  /// Chain and comment of each rule that took part to its end, in order.
  package var path: [String] = []
}
